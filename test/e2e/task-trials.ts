import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { registry } from '../../agent/modules/registry.gen.ts';

/** Tasks in order, as a playbook has them: each changes the host, and its repetition does not. */
const trialFile = z.array(z.record(z.string(), z.record(z.string(), z.unknown())));

export interface TaskTrial {
  /** The module that it tries, and the tasks it is tried with. */
  readonly name: string;
  readonly tasks: z.infer<typeof trialFile>;
}

const folder = join(import.meta.dirname, 'tasks');

/** A trial of each module that leads to a state and is no kind of link. */
export function taskTrials(): readonly TaskTrial[] {
  return readdirSync(folder).map((file) => {
    const name = file.replace('.yml', '');
    if (!registry.has(name)) throw new Error(`${file}: no module`);
    return { name, tasks: trialFile.parse(parse(readFileSync(join(folder, file), 'utf8'))) };
  });
}
