import * as z from 'zod';

/** A unit as systemd.unit(5) names it; it cannot be taken for an option. */
export const unitName = z.string().regex(/^[A-Za-z0-9@_:.\\][A-Za-z0-9@_:.\\-]{0,255}$/, 'is no name of a unit');
