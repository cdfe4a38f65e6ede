import * as z from 'zod';
import { type DaemonState, daemonPhases } from '../../agent/linux/daemons/spec.ts';
import type { ExecResult, Host } from '../../agent/linux/host.ts';
import { digestOf } from '../../proto/digest.ts';
import { OrchError } from '../../proto/errors.ts';

const file = z.strictObject({
  kind: z.enum(['file', 'directory', 'symlink', 'other']).default('file'),
  content: z.string().optional(),
  /** Of a large file, with its sums instead of its content. */
  size: z.int().optional(),
  sums: z.record(z.string(), z.string()).optional(),
  base64: z.string().optional(),
  mode: z.int().default(0o644),
  uid: z.int().default(0),
  gid: z.int().default(0),
  target: z.string().optional(),
  maker: z.int().optional(),
  entries: z.array(z.string()).optional(),
  inode: z.string().optional(),
  links: z.int().optional(),
  /** Modified then, in milliseconds. */
  mtime: z.number().optional(),
  /** It may not be read. */
  refused: z.boolean().default(false),
});

const daemon = z.strictObject({
  phase: z.enum(daemonPhases),
  pid: z.int().optional(),
  restarts: z.int().default(0),
  ended: z.string().default(''),
  spec: z.custom<DaemonState['spec']>(),
});

const execResult = z.strictObject({
  status: z.int().nullable().default(0),
  stdout: z.string().default(''),
  stderr: z.string().default(''),
  timedOut: z.boolean().default(false),
  /** What the program must have in its environment. */
  env: z.record(z.string(), z.string()).default({}),
});

/** Canned answers of a host. Keys of `ip` and `sysctl` are "[netns:] query"; null stands for "missing". */
export const hostAnswers = z.strictObject({
  ip: z.record(z.string(), z.array(z.record(z.string(), z.unknown())).nullable()).default({}),
  /** Queries that the kernel refuses, with ip's words. */
  ipFails: z.record(z.string(), z.string()).default({}),
  sysctl: z.record(z.string(), z.string().nullable()).default({}),
  netns: z.array(z.string()).optional(),
  promised: z.array(z.string()).default([]),
  files: z.record(z.string(), file.nullable()).default({}),
  users: z.record(z.string(), z.strictObject({ uid: z.int(), gid: z.int(), home: z.string() }).nullable()).default({}),
  groups: z.record(z.string(), z.int().nullable()).default({}),
  /** A list: one answer after the other, the last of them from then on. */
  exec: z.record(z.string(), z.union([execResult, z.array(execResult).min(1)])).default({}),
  /** What a program in a scratch namespace makes of its input: asked with just these links, and input, or by its words. */
  scratch: z
    .array(
      z.strictObject({
        links: z.array(z.string()).default([]),
        stdin: z.string().optional(),
        argv: z.string().optional(),
        status: z.int().default(0),
        stdout: z.string().default(''),
        stderr: z.string().default(''),
      }),
    )
    .default([]),
  /** Answers of web servers: "GET url". */
  web: z
    .record(
      z.string(),
      z.strictObject({
        status: z.int().default(200),
        reason: z.string().default('OK'),
        headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
        body: z.string().default(''),
        url: z.string().optional(),
        /** Headers that the request must have. */
        asked: z.record(z.string(), z.string().nullable()).default({}),
        sent: z.string().optional(),
        /** Why there is no answer. */
        failed: z.string().optional(),
      }),
    )
    .default({}),
  /** What tasks before this one have asked for. */
  asked: z.array(z.strictObject({ module: z.string(), params: z.record(z.string(), z.unknown()) })).default([]),
  /** Objects that the lab made or changed before. */
  owns: z.array(z.string()).default([]),
  /** Supervised processes: "[netns/]name". */
  daemons: z.record(z.string(), daemon.nullable()).default({}),
  runAs: z.string().optional(),
  /** Variables of the task's environment. */
  variables: z.record(z.string(), z.string()).default({}),
});
export type HostAnswers = z.infer<typeof hostAnswers>;

/** A query that the case does not answer: the module asked for more than its author thought. */
class Unanswered extends Error {}

function answer<T>(kind: string, table: Readonly<Record<string, T>>, key: string): T {
  if (!(key in table)) throw new Unanswered(`${kind} ${JSON.stringify(key)}`);
  return table[key] as T;
}

function keyed(netns: string | undefined, query: string): string {
  return netns === undefined ? query : `${netns}: ${query}`;
}

/** A Host that knows what its case says and nothing else. */
export function fakeHost(answers: HostAnswers): Host {
  const inTurn = Object.fromEntries(Object.entries(answers.exec).map(([key, found]) => [key, [found].flat()]));
  const home = answers.users[answers.runAs ?? 'root']?.home ?? '/root';
  const expanded = (text: string) =>
    text
      .replace(/^~(?=\/|$)/, home)
      .replace(/\$(\w+)|\$\{(\w+)\}/g, (as, name, braced) => answers.variables[name ?? braced] ?? as);
  // Asked for before every web server, and seldom there.
  const files = {
    [`${home}/$NETRC`]: null,
    [`${home}/.netrc`]: null,
    '/': file.parse({ kind: 'directory', mode: 0o755 }),
    '/.': file.parse({ kind: 'directory', mode: 0o755 }),
    ...answers.files,
  };
  const fileOf = (path: string) => {
    // "/a/." is what a link leads to; what is no link leads to itself.
    const itself = path.replace(/(?<=.)\/\.$/, '');
    const isItself = !(path in files) && itself in files && files[itself]?.kind !== 'symlink';
    return answer('file', files, isItself ? itself : path) ?? undefined;
  };
  return {
    runAs: answers.runAs,
    async ip(args, netns) {
      const query = keyed(netns, args.join(' '));
      const refusal = answers.ipFails[query];
      if (refusal !== undefined) throw new OrchError({ code: 'command-failed', summary: `ip failed: ${refusal}` });
      const rows = answer('ip', answers.ip, query);
      return { rows: rows ?? [], missing: rows === null };
    },
    async sysctl(key, netns) {
      return answer('sysctl', answers.sysctl, keyed(netns, key)) ?? undefined;
    },
    async netnsNames() {
      if (answers.netns === undefined) throw new Unanswered('netns');
      return answers.netns;
    },
    asked: (name) => answers.asked.filter(({ params }) => name === undefined || params.name === name),
    promised(ref) {
      const name = ref.kind === 'link' && ref.netns !== undefined ? `${ref.netns}/${ref.name}` : ref.name;
      return answers.promised.includes(`${ref.kind} ${name}`);
    },
    async exec(command): Promise<ExecResult> {
      const found = answer('exec', inTurn, keyed(command.netns, command.argv.join(' ')));
      const next = found.length > 1 ? found.shift() : found[0];
      const { env, ...result } = execResult.parse(next);
      for (const [name, value] of Object.entries(env)) {
        if (command.env?.[name] !== value) throw new Unanswered(`exec with ${name}: ${command.env?.[name]}`);
      }
      return result;
    },
    async scratch(links, { argv, stdin }): Promise<ExecResult> {
      const names = links.map((link) => link.name).join(' ');
      const asked = stdin ?? argv.join(' ');
      const found = answers.scratch.find(
        (known) => known.links.join(' ') === names && (known.stdin ?? known.argv) === asked,
      );
      if (found === undefined) throw new Unanswered(`scratch namespace with "${names}": ${JSON.stringify(asked)}`);
      return { ...found, timedOut: false };
    },
    owns: (object) => answers.owns.includes(object),
    async readFile(path) {
      const found = fileOf(path);
      if (found?.refused) {
        const cause = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
        throw new OrchError({ code: 'command-failed', summary: `File is not readable: ${path}`, cause });
      }
      if (found?.base64 !== undefined) return Buffer.from(found.base64, 'base64');
      return found?.content === undefined ? undefined : Buffer.from(found.content);
    },
    async readPiece(path, from, bytes) {
      return (await this.readFile(path))?.subarray(from, from + bytes);
    },
    async digest(path, algorithms) {
      const { size, sums } = fileOf(path) ?? {};
      if (size !== undefined) return { size, sums: sums as never };
      const content = await this.readFile(path);
      return content && digestOf([content], algorithms);
    },
    async fileWith(content) {
      if (!('sums' in content)) return '/spool/1';
      if ('file' in content.at) return content.at.file;
      throw new Unanswered('a content from afar');
    },
    async web({ method, url, headers, body }) {
      const { asked, sent, failed, ...reply } = answer('web', answers.web, `${method} ${url}`);
      for (const [name, value] of Object.entries(asked)) {
        if ((headers[name] ?? null) !== value) throw new Unanswered(`web ${url} with ${name}: ${headers[name]}`);
      }
      if (sent !== undefined && body?.toString() !== sent) throw new Unanswered(`web ${url} with ${body}`);
      if (failed !== undefined) throw new OrchError({ code: 'command-failed', summary: failed });
      return { ...reply, url: reply.url ?? url, body: Buffer.from(reply.body) };
    },
    async stat(path) {
      const found = fileOf(path);
      if (found === undefined) return undefined;
      const { kind, mode, uid, gid, target, maker, inode, links } = found;
      return {
        ...{ kind, mode, uid, gid, target, maker, inode, links },
        ...{ size: found.size ?? found.content?.length ?? 0, mtimeMs: found.mtime ?? 0 },
      };
    },
    async readDir(path) {
      return fileOf(path)?.entries;
    },
    async user(name) {
      return answer('user', answers.users, name) ?? undefined;
    },
    absolute: async (path) => (path.startsWith('/') ? path : `${home}/${path.replace(/^~\//, '')}`),
    expanded: async (path) => expanded(path),
    word: async (word) => expanded(word),
    async daemon(name, netns) {
      return answer('daemon', answers.daemons, netns === undefined ? name : `${netns}/${name}`) ?? undefined;
    },
    async group(name) {
      return answer('group', answers.groups, name) ?? undefined;
    },
  };
}
