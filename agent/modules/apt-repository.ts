import * as z from 'zod';
import type { FileState, Host } from '../linux/host.ts';
import { defineModule, type Step } from './module.ts';
import { parseSource, type SourceFile, sourceFileName, withoutSource, withSource } from './shared/apt-sources.ts';
import { presence } from './shared/fields.ts';
import { keptBytes, keptText } from './shared/files/kept-bytes.ts';
import { fileMode } from './shared/files/mode.ts';
import { baseName } from './shared/files/path.ts';
import { fileAction } from './shared/files/steps.ts';
import { writeSteps } from './shared/files/write.ts';
import { execAction } from './shared/programs.ts';

const folder = '/etc/apt/sources.list.d';

const fields = z.strictObject({
  repo: z.string().describe('The source, as a line of sources.list(5): "deb [signed-by=/path] URI suite component".'),
  state: presence.describe('absent: a comment that names it stays.'),
  filename: z
    .string()
    .regex(/^(?:\/etc\/apt\/sources\.list\.d\/+)?[A-Za-z0-9_.-]+$/, 'is no name of a file of sources')
    .optional()
    .describe('File in /etc/apt/sources.list.d for a source that is nowhere; default: made of the URI.'),
  mode: fileMode.optional().describe('Permissions of the file that a source goes to; default: 0644.'),
  update_cache: z.boolean().default(true).describe('Read the lists of packages anew after a change.'),
  update_cache_retries: z.int().min(0).max(100).default(5).describe('How often apt-get asks a server again.'),
  update_cache_retry_max_delay: z
    .int()
    .default(12)
    .describe('Taken for the sake of old playbooks: apt-get knows how long to wait.'),
  validate_certs: z.boolean().default(true).describe('Taken for the sake of old playbooks: only ppa: needs it.'),
  codename: z.string().optional().describe('Taken for the sake of old playbooks: only ppa: needs it.'),
  install_python_apt: z.boolean().default(true).describe('Taken for the sake of old playbooks: no Python is needed.'),
});
type Params = z.infer<typeof fields>;

interface Source extends SourceFile {
  readonly state: FileState;
}

/** All files of sources in the old form. */
async function readSources(host: Host): Promise<readonly Source[]> {
  const names = ((await host.readDir(folder)) ?? []).filter((name) => name.endsWith('.list')).toSorted();
  const files: Source[] = [];
  for (const path of ['/etc/apt/sources.list', ...names.map((name) => `${folder}/${name}`)]) {
    const state = await host.stat(path);
    const content = state?.kind === 'file' ? await host.readFile(path) : undefined;
    if (state !== undefined && content !== undefined) files.push({ path, state, text: keptText(content) });
  }
  return files;
}

function sourceOf({ repo }: Params): string {
  return parseSource(repo)?.source ?? '';
}

function edits(params: Params, files: readonly Source[]): readonly SourceFile[] {
  const source = sourceOf(params);
  if (params.state === 'absent') return withoutSource(files, source);
  const name = baseName(params.filename ?? sourceFileName(source));
  return withSource(files, source, `${folder}/${name.endsWith('.list') ? name : `${name}.list`}`);
}

const nobody = { uid: undefined, gid: undefined };

/** Writes the file, or takes it away where nothing is left of it. */
function steps(params: Params, { path, text }: SourceFile, present: Source | undefined): readonly Step[] {
  if (text.trim() === '' && present !== undefined && path.startsWith(folder)) {
    const content = keptBytes(present.text).toString('base64');
    const undo = [fileAction({ do: 'write', path, content, mode: present.state.mode })];
    return [{ object: `file ${path}`, action: fileAction({ do: 'unlink', path }), undo, removes: true }];
  }
  const content = present === undefined ? undefined : keptBytes(present.text);
  const place = { path, state: present?.state, content, wanted: keptBytes(text), mode: params.mode };
  return writeSteps({ ...place, ids: nobody, newIds: nobody, backup: undefined }).steps;
}

function updateStep({ update_cache_retries }: Params): Step {
  const argv = ['apt-get', '-o', `Acquire::Retries=${update_cache_retries}`, 'update'];
  return { object: 'apt', part: 'lists', action: execAction(argv, { env: { LC_ALL: 'C' } }), undo: [] };
}

/** A file for the diff, in Ansible's words for one that is not there. */
const view = (path: string, content = '') => ({ path: content === '' ? '/dev/null' : path, content });

export const module = defineModule({
  name: 'apt_repository',
  form: 'converge',
  summary: 'Adds or removes a source of packages for apt.',
  notes:
    'In the files that end in .list. A source that stands in one as a comment is made to count there. ppa: is not there: write the line with signed-by. `orch destroy` brings the files back.',
  examples: [
    'apt_repository:\n  repo: deb [signed-by=/etc/apt/keyrings/lab.asc] https://deb.example.org/lab trixie main\n  filename: lab',
    'apt_repository:\n  repo: deb https://deb.example.org/old stable main\n  state: absent\n  update_cache: false',
  ],
  aliases: { 'update-cache': 'update_cache' },
  params: fields.superRefine(({ repo }, context) => {
    const message = repo.startsWith('ppa:')
      ? 'ppa: is not there: write the line itself, with signed-by'
      : `Invalid repository string: ${repo.trim()}`;
    if (!parseSource(repo)?.enabled) context.addIssue({ code: 'custom', path: ['repo'], message });
  }),
  objects: (params, files: readonly Source[]) => {
    const about = edits(params, files);
    const present = files.filter(({ text }) =>
      text.split('\n').some((line) => parseSource(line)?.source === sourceOf(params)),
    );
    return (about.length > 0 ? about : present).map(({ path }) => `file ${path}`);
  },
  read: (_params, host) => readSources(host),

  plan(params, files) {
    const changes = edits(params, files);
    const present = (path: string) => files.find((file) => file.path === path);
    const about = { repo: params.repo, state: params.state, sources_added: [], sources_removed: [] };
    if (changes.length === 0) return { steps: [], before: {}, after: {}, result: about };
    const written = changes.flatMap((change) => steps(params, change, present(change.path)));
    const removed = new Set(written.filter((step) => step.removes).map(({ object }) => object));
    const paths = changes.map(({ path }) => path);
    const result = {
      ...about,
      sources_added: paths.filter((path) => present(path) === undefined),
      sources_removed: paths.filter((path) => removed.has(`file ${path}`)),
    };
    return {
      steps: [...written, ...(params.update_cache ? [updateStep(params)] : [])],
      before: paths.map((path) => view(path, present(path)?.text)),
      after: changes.map(({ path, text }) => view(path, text)),
      result,
    };
  },
});
