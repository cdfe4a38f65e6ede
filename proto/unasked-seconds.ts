/** The time of a run that has to be confirmed though nobody asked for it. */
export const unaskedSeconds = 30;
