import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const root = join(import.meta.dirname, '../..');
/** Where the labs are that are broken on purpose. */
export const brokenFolder = join(root, 'playbooks/broken');
/** What the last test of them on each kernel found. */
export const resultsFile = join(root, 'test/e2e/broken-results.yml');

/** What a broken lab says of itself, in the variable `broken` of the play that breaks it. */
const answer = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** Further arguments for `orch why`. */
  args: z.array(z.coerce.string()).default([]),
  /** Modules that vm02's kernel loads for nobody. */
  modules: z.array(z.string()).default([]),
  /** Name of the task that fails where the kernel lacks what the lab is made of; those of modules say so themselves. */
  needs: z.string().optional(),
  cause: z.string(),
  /** HOST or HOST/NETNS, and the device where there is one. */
  at: z.string(),
  /** The first task of the mend: its module and parameters, without `netns`. */
  mend: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

const play = z.looseObject({
  import_playbook: z.string().optional(),
  name: z.string().default(''),
  vars: z.looseObject({ broken: answer.optional() }).default({}),
  tasks: z.array(z.record(z.string(), z.unknown())).default([]),
});

export interface BrokenLab {
  /** The file's name without its extension. */
  readonly name: string;
  /** What is wrong, in a line. */
  readonly title: string;
  readonly answer: z.infer<typeof answer>;
  /** Name of the healthy lab that it begins with. */
  readonly base: string;
  /** Its last task, which measures. */
  readonly measure: Readonly<Record<string, unknown>>;
}

/** All broken labs with their answers. Throws where a file has none. */
export function brokenLabs(): readonly BrokenLab[] {
  const files = readdirSync(brokenFolder).filter((file) => file.endsWith('.yml'));
  return files.map((file) => {
    const plays = z.array(play).parse(parse(readFileSync(join(brokenFolder, file), 'utf8')));
    const [found] = plays.flatMap(({ name, vars }) => (vars.broken ? [{ title: name, answer: vars.broken }] : []));
    const measure = plays.at(-1)?.tasks.at(-1);
    const [, base] = /^base\/(.+)\.yml$/.exec(plays[0]?.import_playbook ?? '') ?? [];
    if (found === undefined || measure === undefined || base === undefined)
      throw new Error(`playbooks/broken/${file} does not say what is broken`);
    return { name: file.slice(0, -4), base, ...found, measure };
  });
}

const result = z.strictObject({
  /** right: cause, place and mend are as the lab says; lacks: the kernel has not what the lab is made of. */
  result: z.enum(['right', 'unknown', 'wrong', 'lacks']),
  confidence: z.enum(['certain', 'likely', 'unknown']).optional(),
  /** Why a kernel lacks something. */
  reason: z.string().optional(),
  /** Absent where no mend is known; fixed: `--fix` kept it; pasted: it is left to a person, and was pasted in. */
  mended: z.enum(['fixed', 'pasted', 'no']).optional(),
});
export type BrokenResult = z.infer<typeof result>;

/** By kernel: how packets were watched there, and what was found in each lab. */
const results = z.record(z.string(), z.strictObject({ level: z.string(), labs: z.record(z.string(), result) }));
export type BrokenResults = z.infer<typeof results>;

export function brokenResults(): BrokenResults {
  return results.parse(parse(readFileSync(resultsFile, 'utf8')));
}
