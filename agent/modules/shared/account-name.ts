import * as z from 'zod';

/** A user's or group's name as useradd(8) takes it; no option, and no field of /etc/passwd. */
export const accountName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?$/, 'is no name for a user or group');
