import { Float } from '../../../proto/float.ts';
import { Moment } from './moment.ts';

/** True for data of one value that JavaScript has as an object: whole floats, dates and times. */
export const isAtom = (value: unknown): value is Float | Moment => value instanceof Float || value instanceof Moment;

/** True for data that is a mapping. */
export const isDataMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isAtom(value);
