import * as z from 'zod';

/** iproute2's names (rt_dsfield; RFC 2474, 2597, 3246); it shows these for their numbers. */
export const tosNames: Readonly<Record<string, number>> = {
  ...{ DEFAULT: 0, CS1: 0x20, CS2: 0x40, CS3: 0x60, CS4: 0x80, CS5: 0xa0, CS6: 0xc0, CS7: 0xe0, EF: 0xb8 },
  ...{ AF11: 0x28, AF12: 0x30, AF13: 0x38, AF21: 0x48, AF22: 0x50, AF23: 0x58 },
  ...{ AF31: 0x68, AF32: 0x70, AF33: 0x78, AF41: 0x88, AF42: 0x90, AF43: 0x98 },
};

/** The `tos` of routes and rules. */
export const tosField = z.union([
  z.int().min(0).max(255),
  z
    .string()
    .regex(/^(0x[0-9a-f]{1,2}|CS[1-7]|EF|AF[1-4][1-3])$/i, 'a TOS is a number to 255, CS1-CS7, EF or AF11-AF43'),
]);

/** One spelling: "0x28"; undefined for none. A name of the host's own stays: ip takes what it shows. */
export function tosText(tos: string | number | undefined): string | undefined {
  const value = typeof tos === 'string' ? (tosNames[tos.toUpperCase()] ?? Number(tos)) : tos;
  if (Number.isNaN(value)) return String(tos);
  return value === undefined || value === 0 ? undefined : `0x${value.toString(16).padStart(2, '0')}`;
}
