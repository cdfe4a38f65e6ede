import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineModule, type Plan } from './module.ts';
import { hostPath, presence, secret } from './shared/fields.ts';
import { bytesOf } from './shared/files/content.ts';
import { fileMode } from './shared/files/mode.ts';
import { ownerAliases, ownerFields } from './shared/files/owner.ts';
import { joined, tidy } from './shared/files/path.ts';
import { type Placed, placedPlan, readPlaced } from './shared/files/placed.ts';
import { removalSteps } from './shared/files/removal.ts';
import { unsafeWrites } from './shared/files/write.ts';
import { taskFailed } from './shared/programs.ts';
import { withoutRepo, withRepo } from './shared/repo-file.ts';

const word = z.string().regex(/^[^\r\n\0]*$/, 'holds a newline');
const line = z.union([word, z.number()]);
const text = (description: string) => line.optional().describe(description);
const flag = (description: string) => z.boolean().optional().describe(description);
const list = (description: string) => z.array(line).default([]).describe(description);
const old = 'Written for old hosts; dnf knows nothing of it.';

/** Options of a repository, as dnf.conf(5) calls them. */
const options = {
  ...{
    baseurl: list('Where it is.'),
    mirrorlist: text('Where a list of its mirrors is.'),
    metalink: text('Where a metalink of its mirrors is.'),
    enabled: flag('Whether it counts.'),
    gpgcheck: flag('Packages must be signed.'),
    repo_gpgcheck: flag('Its lists must be signed.'),
    gpgkey: list('Where the keys are that sign.'),
    exclude: list('Packages to leave out.'),
    includepkgs: list('The only packages to take.'),
    priority: text('Lower numbers come first.'),
    cost: text('Cheaper repositories come first.'),
    module_hotfixes: flag('Its packages count whatever modules say.'),
    skip_if_unavailable: flag('Go on without it where it cannot be reached.'),
    countme: flag('Let it count its users.'),
    metadata_expire: text('How long its lists are good.'),
    timeout: text('Seconds to wait for a connection.'),
    retries: text('How often to try.'),
    throttle: text('Bytes a second, at most.'),
    bandwidth: text('Bytes a second that the network has.'),
    ip_resolve: text('4 or 6: addresses of that kind alone.'),
    proxy: text('A proxy to ask through.'),
    proxy_username: text('User for it.'),
    proxy_password: secret(word).optional().describe('Password for it.'),
    username: text('User for the repository.'),
    password: secret(word).optional().describe('Password for it.'),
    sslverify: flag("Check the server's certificate."),
    sslcacert: text('Authorities to trust.'),
    sslclientcert: text('Certificate of the client.'),
    sslclientkey: text('Its key.'),
    deltarpm_percentage: text('How small deltas must be.'),
    enablegroups: flag('Its groups count.'),
    failovermethod: text('roundrobin or priority.'),
    include: text('Another file of settings.'),
  },
  ...{
    async: flag(old),
    deltarpm_metadata_percentage: text(old),
    gpgcakey: text(old),
    http_caching: text(old),
    keepalive: flag(old),
    keepcache: text(old),
    metadata_expire_filter: text(old),
    mirrorlist_expire: text(old),
    protect: flag(old),
    s3_enabled: flag(old),
    ssl_check_cert_permissions: flag(old),
    ui_repoid_vars: text(old),
  },
} as const;

/** A name that is one of a file and of a section. */
const plainName = z.string().regex(/^[^\]/\r\n\0]+$/, 'holds a "/", "]" or newline');

const fields = z.strictObject({
  name: plainName.describe('Its id.'),
  description: text('What it is.'),
  state: presence.describe('absent: the repository goes, and its file with the last one.'),
  file: plainName.optional().describe('Name of the file, without .repo; default: the id.'),
  reposdir: hostPath.default('/etc/yum.repos.d').describe('Folder of the file.'),
  ...options,
  mode: fileMode.optional().describe('Permissions of the file.'),
  ...ownerFields,
  unsafe_writes: unsafeWrites,
});
type Params = z.infer<typeof fields>;

/** Lists of places have a line for each, others blanks between. */
const inLines = ['baseurl', 'gpgkey'];

function written(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return Array.isArray(value) ? value.join(inLines.includes(name) ? '\n' : ' ') : String(value);
}

function optionsOf(params: Params): ReadonlyMap<string, string> {
  const given = Object.keys(options).map((name): [string, unknown] => [name, params[name as keyof typeof options]]);
  const set = given.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0));
  return new Map([['name', params.description], ...set].map(([name, value]) => [`${name}`, written(`${name}`, value)]));
}

function fileOf({ reposdir, file, name }: Params): string {
  return joined(tidy(reposdir), `${file ?? name}.repo`);
}

async function read(params: Params, host: Host): Promise<Placed> {
  if ((await host.stat(`${tidy(params.reposdir)}/.`))?.kind !== 'directory')
    throw taskFailed(`Repo directory '${params.reposdir}' does not exist.`, 'A file task before this one makes it.');
  return readPlaced(params, host, fileOf(params));
}

/** A file as people may see it: its passwords are not for diffs and reports. */
function withoutPasswords(text: string): string {
  return text.replace(/^((?:proxy_)?password[ \t]*[=:])[^\n]*(?:\n[ \t]+\S[^\n]*)*/gm, '$1 (secret)');
}

function hidden(view: unknown): unknown {
  const { content, ...rest } = Object(view);
  return typeof content === 'string' ? { ...rest, content: withoutPasswords(content) } : view;
}

function plan(params: Params, placed: Placed): Plan {
  const { name: repo, state } = params;
  const { path, content } = placed;
  const kept = content && bytesOf(content, path);
  const present = kept?.toString('utf8') ?? '';
  const wanted = state === 'present' ? withRepo(present, repo, optionsOf(params)) : withoutRepo(present, repo);
  const result = { repo, state };
  if (state === 'absent' && (content === undefined || wanted === present))
    return { steps: [], before: {}, after: {}, result };
  if (wanted !== undefined) {
    const written = placedPlan({ ...params, backup: false }, { ...placed, wanted: Buffer.from(wanted) });
    return { ...written, before: hidden(written.before), after: hidden(written.after), result };
  }
  const entries = placed.state === undefined ? [] : [{ path, state: placed.state, content: kept }];
  return { ...removalSteps(entries), before: { [path]: withoutPasswords(present) }, after: {}, result };
}

export const module = defineModule({
  name: 'yum_repository',
  form: 'converge',
  summary: 'Adds or removes a repository of packages for dnf.',
  notes:
    'A section of a file in /etc/yum.repos.d, which has the options that are written here and no others. `orch destroy` brings the file back.',
  examples: [
    'yum_repository:\n  name: epel\n  description: EPEL\n  baseurl: [https://rpm.example.org/epel/$releasever/$basearch/]\n  gpgkey: [https://rpm.example.org/epel.asc]\n  gpgcheck: true',
    'yum_repository:\n  name: epel\n  state: absent',
  ],
  aliases: {
    ...ownerAliases,
    ...{ excludepkgs: 'exclude', ca_cert: 'sslcacert', client_cert: 'sslclientcert', client_key: 'sslclientkey' },
    validate_certs: 'sslverify',
  },
  params: fields.superRefine(({ state, description, baseurl, mirrorlist, metalink }, context) => {
    if (state === 'absent') return;
    if (description === undefined)
      context.addIssue({ code: 'custom', path: ['description'], message: 'is needed for state: present' });
    if (baseurl.length === 0 && mirrorlist === undefined && metalink === undefined)
      context.addIssue({ code: 'custom', path: ['baseurl'], message: 'say baseurl, mirrorlist or metalink' });
  }),
  objects: (_params, { path }: Placed) => [`file ${path}`],
  read,
  plan,
});
