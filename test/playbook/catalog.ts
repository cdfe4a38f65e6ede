import * as z from 'zod';
import type { Catalog, CatalogEntry } from '../../controller/playbook/catalog/catalog.ts';

const entries: readonly CatalogEntry[] = [
  {
    name: 'netns',
    params: z.strictObject({
      name: z.string().regex(/^[^/\s]+$/, 'a name has no blank and no "/"'),
      state: z.enum(['present', 'absent']).optional(),
    }),
  },
  {
    name: 'link',
    aliases: { dev: 'name' },
    params: z.strictObject({
      name: z.string().max(15),
      type: z.enum(['ipvlan', 'macvlan', 'veth']).optional(),
      netns: z.string().optional(),
      mtu: z.int().min(68).max(65535).optional(),
      up: z.boolean().optional(),
      addresses: z
        .array(z.union([z.string(), z.strictObject({ address: z.string(), scope: z.string().optional() })]))
        .optional(),
      peer: z.strictObject({ name: z.string(), netns: z.string().optional() }).optional(),
    }),
  },
  {
    name: 'command',
    freeForm: 'cmd',
    params: z.strictObject({ cmd: z.string(), creates: z.string().optional(), chdir: z.string().optional() }),
  },
  {
    name: 'debug',
    freeForm: 'msg',
    raw: ['var'],
    params: z.strictObject({ msg: z.unknown().optional(), var: z.string().optional() }),
  },
  {
    name: 'assert',
    raw: ['that'],
    params: z.strictObject({ that: z.array(z.union([z.string(), z.boolean()])), msg: z.string().optional() }),
  },
  { name: 'set_fact', params: z.record(z.string(), z.unknown()) },
  { name: 'meta', freeForm: 'do', params: z.strictObject({ do: z.enum(['flush_handlers', 'end_play']) }) },
  {
    name: 'wait_for',
    params: z
      .strictObject({ port: z.int().optional(), path: z.string().optional() })
      .refine((p) => p.port !== undefined || p.path !== undefined, 'one of "port" and "path" is needed'),
  },
];

/** Modules of all shapes that parameters have; the real ones have their own tests. */
export const catalog: Catalog = new Map(entries.map((entry) => [entry.name, entry]));
