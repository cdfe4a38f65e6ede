import * as z from 'zod';
import { checked } from './fields.ts';
import { decrypt } from './files/copy-params.ts';
import { commandFields } from './run-command.ts';
import { shellWords } from './shell-words.ts';

const { creates, removes, chdir, netns } = commandFields;

export const scriptParams = z.strictObject({
  cmd: checked((text) => {
    const words = shellWords(text);
    if (words === undefined) return 'a quote is not closed';
    return words.length === 0 ? 'say the script' : undefined;
  }).describe('The script on the workstation, and its arguments.'),
  executable: z.string().default('').describe('The program that reads it; default: what its first line says.'),
  ...{ creates, removes, chdir, netns },
  decrypt,
  content_base64: z.base64().default('').describe('The script itself; the workstation sets it.'),
});
