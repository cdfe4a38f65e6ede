/** The value of the variable `omit`: a parameter that has it is left out. */
export const omit: unique symbol = Symbol('omit');
