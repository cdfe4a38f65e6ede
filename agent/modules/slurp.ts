import * as z from 'zod';
import { defineRunModule } from './module.ts';
import { hostPath } from './shared/fields.ts';
import { unlessRefused } from './shared/files/refused.ts';

/** As base64 it must fit into one message of the controller. */
const longest = 16 * 1024 * 1024;
const pieceBytes = 8 * 1024 * 1024;

export const module = defineRunModule({
  name: 'slurp',
  asUser: true,
  form: 'run',
  checkMode: 'run',
  summary: 'Reads a file of the host, of up to 16 MiB.',
  notes: 'The result has `content` in base64: `{{ result.content | b64decode }}`.',
  examples: ['slurp:\n  src: /proc/mounts'],
  aliases: { path: 'src' },
  params: z.strictObject({
    src: hostPath.describe('The file.'),
    piece: z.int().min(0).optional().describe('A piece of a file of any size, from here on; the workstation sets it.'),
  }),
  async run({ src, piece }, host) {
    const failed = (message: string) => ({ changed: false, failed: true, message, result: {} });
    if ((await host.stat(src))?.kind === 'directory') {
      const readable = await unlessRefused(host.readDir(src).then(() => true));
      return failed(readable ? `Source is a directory and must be a file: ${src}` : `File is not readable: ${src}`);
    }
    // What is not all of it is told with the sums of the whole.
    const content = await (piece === undefined ? host.readFile(src, longest) : host.readPiece(src, piece, pieceBytes));
    if (content === undefined) return failed(`File not found: ${src}`);
    const more = piece === 0 && content.length === pieceBytes ? { whole: await host.digest(src, ['md5', 'sha1']) } : {};
    return {
      changed: false,
      result: { content: content.toString('base64'), source: src, encoding: 'base64', ...more },
    };
  },
});
