import * as z from 'zod';
import { defineRunModule } from './module.ts';
import { hostPath } from './shared/fields.ts';
import { modeText } from './shared/files/mode.ts';

/** Part of a file's name. */
const part = z.string().regex(/^[^/\0]{0,100}$/, 'a part of a name has no "/"');

export const module = defineRunModule({
  name: 'tempfile',
  asUser: true,
  form: 'run',
  tellsFile: true,
  checkMode: 'skip',
  summary: 'Makes a temporary file or folder of its own.',
  notes: 'The result has its `path`. It belongs to the user of the task and stays until somebody removes it.',
  examples: ['tempfile:\n  state: directory\n  suffix: .build'],
  params: z.strictObject({
    state: z.enum(['file', 'directory']).default('file').describe('What to make.'),
    path: hostPath.optional().describe("Folder to make it in; default: the host's own for this."),
    prefix: part.default('ansible.').describe('How its name begins.'),
    suffix: part.default('').describe('How its name ends.'),
  }),
  async run({ state, path, prefix, suffix }, host) {
    const kind = state === 'directory' ? ['-d'] : [];
    const template = path === undefined ? ['--tmpdir'] : ['-p', path];
    const argv = ['mktemp', ...kind, ...template, `--suffix=${suffix}`, '--', `${prefix}XXXXXXXX`];
    const { status, stdout, stderr } = await host.exec({ argv, runAs: host.runAs }, { onlyReads: true });
    if (status !== 0) return { changed: false, failed: true, message: stderr.trim(), result: {} };
    const made = stdout.trimEnd();
    const there = await host.stat(made);
    const told = there && { uid: there.uid, gid: there.gid, size: there.size, mode: modeText(there.mode) };
    return { changed: true, result: { path: made, state, ...told } };
  },
});
