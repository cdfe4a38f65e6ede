import * as z from 'zod';
import { findFirst } from '../../../../proto/regex.ts';
import { hostPath } from '../fields.ts';
import { decrypt, placedFile } from './copy-params.ts';
import { regexField } from './edit.ts';
import { validation } from './write.ts';

const { force: _, ...placed } = placedFile;

export const assembleParams = z.strictObject({
  src: z
    .string()
    .min(1, 'a path cannot be empty')
    .describe('Folder of the parts on the host, or without remote_src on the workstation.'),
  dest: hostPath.describe('The file.'),
  remote_src: z.boolean().default(true).describe('The parts are on the host; no: on the workstation.'),
  decrypt,
  delimiter: z.string().optional().describe('What stands between parts; \\n and \\t in it are a newline and a tab.'),
  regexp: regexField.optional().describe('Only parts whose names match.'),
  ignore_hidden: z.boolean().default(false).describe('Leave out names that begin with a dot.'),
  validate: validation,
  ...placed,
});

export type AssembleParams = z.infer<typeof assembleParams>;

/** Names of the parts that are wanted, in order. */
export function partsOf(names: readonly string[], { regexp, ignore_hidden }: AssembleParams): readonly string[] {
  const flags = { ignoreCase: false, multiline: false };
  return names
    .filter((name) => !(ignore_hidden && name.startsWith('.')))
    .filter((name) => regexp === undefined || findFirst(regexp, name, flags, 'search') !== undefined)
    .toSorted();
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };

/** The parts as one: each begins on a line of its own. */
export function assembled(parts: readonly Buffer[], delimiter: string | undefined): Buffer {
  const between = delimiter?.replace(/\\([ntr\\])/g, (_, letter: string) => escapes[letter] ?? '') ?? '';
  const separator = between === '' || between.endsWith('\n') ? between : `${between}\n`;
  return Buffer.concat(
    parts.flatMap((part, nth) => {
      const last = parts[nth - 1];
      if (last === undefined) return [part];
      const end = last.at(-1) === 10 ? '' : '\n';
      return [Buffer.from(end + separator), part];
    }),
  );
}
