import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import '../../agent/modules/registry.gen.ts';
import { knownKind, type LinkKind } from '../../agent/modules/shared/link/kind.ts';

const params = z.record(z.string(), z.unknown());

/** How one kind is tried: `live-NAME` is made, brought through the steps, and removed. */
const trialFile = z.strictObject({
  /** The kind; default: the file's name. */
  kind: z.string().optional(),
  /** Parameters of all tasks. */
  make: params.default({}),
  /** Tasks between its making and the steps: ports of it. */
  beside: z.array(params).default([]),
  /**
   * Parameters of each task in turn, beside those of `make`; null takes one of those away. `replaced`: the kernel can't
   * change that in place.
   */
  steps: z.array(params).min(1),
  /** Attributes that links of the testbed can't be tried with; why stands beside it. */
  untried: z.array(z.string()).default([]),
  /** A link that somebody else made, by hand: `orch destroy` brings it back after a task has removed it. */
  found: z.string().optional(),
});

export type Trial = Omit<z.infer<typeof trialFile>, 'kind'> & { readonly name: string; readonly kind: LinkKind };

const folder = join(import.meta.dirname, 'links');

/** All trials, by name. */
export function linkTrials(): readonly Trial[] {
  return readdirSync(folder).map((file) => {
    const name = file.replace('.yml', '');
    const trial = trialFile.parse(parse(readFileSync(join(folder, file), 'utf8')));
    const kind = knownKind(trial.kind ?? name);
    if (kind === undefined) throw new Error(`${file}: no kind of link`);
    return { ...trial, name, kind };
  });
}
