/**
 * Line ends at the end of a text. They are looked for from the first of several on alone: from each of them it would take hours
 * to see that what a program or user wrote, millions of them, goes on behind them.
 */
export const lineEnds = /(?<![\r\n])[\r\n]+$/;
