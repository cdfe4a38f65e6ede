import { Float } from '../../proto/float.ts';
import { Moment } from './moment.ts';

/** True for data of one value that JavaScript has as an object: whole floats, dates and times. */
export const isAtom = (value: unknown): value is Float | Moment => value instanceof Float || value instanceof Moment;
