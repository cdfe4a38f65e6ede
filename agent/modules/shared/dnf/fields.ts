import * as z from 'zod';
import { hostPath } from '../fields.ts';
import { taken } from '../taken.ts';

/** Texts that stand among the words of dnf(8); with commas between, or a list. */
const words = z.array(z.string().regex(/^$|^[^\s-][^\n]*$/, 'is no package that dnf(8) takes')).default([]);

/** Ids of repositories, plugins or packages, which become a part of an option. */
const ids = z.array(z.string().regex(/^[A-Za-z0-9*?][A-Za-z0-9._*?:,+ -]*$/, 'is no id')).default([]);

export const dnfFields = {
  name: words.describe(
    'Packages: name, name-version, "name >= version", a file of the host or a URL, a path that a package has, or @group; "*" with latest: all.',
  ),
  state: z
    .enum(['present', 'installed', 'latest', 'absent', 'removed'])
    .optional()
    .describe('What is wanted of them; default: present, or absent with autoremove.'),
  autoremove: z.boolean().default(false).describe('Remove what was installed for others and nothing needs any more.'),
  update_cache: z.boolean().default(false).describe('Read the lists of packages anew first.'),
  update_only: z.boolean().default(false).describe('latest: only packages that are installed.'),
  security: z.boolean().default(false).describe('latest: only what mends security.'),
  bugfix: z.boolean().default(false).describe('latest: only what mends faults.'),
  allow_downgrade: z.boolean().default(false).describe('Also an older version than the one that is installed.'),
  allowerasing: z.boolean().default(false).describe('Also by removing others that are in the way.'),
  best: z.boolean().optional().describe('Only the newest version will do; default: as the host has it.'),
  nobest: z.boolean().optional().describe('The opposite of best.'),
  skip_broken: z.boolean().default(false).describe('Go on without what cannot be had or installed.'),
  install_weak_deps: z.boolean().default(true).describe('Packages that they recommend, too.'),
  exclude: ids.describe('Packages to leave out.'),
  enablerepo: ids.describe('Repositories that are enabled for this.'),
  disablerepo: ids.describe('Repositories that are disabled for this.'),
  enable_plugin: ids.describe('Plugins that are enabled for this.'),
  disable_plugin: ids.describe('Plugins that are disabled for this.'),
  disable_excludes: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .optional()
    .describe("Whose excludes don't count: all, main, or a repository's."),
  disable_gpg_check: z.boolean().default(false).describe('Also packages that nobody has signed.'),
  sslverify: z.boolean().default(true).describe("Check the repositories' certificates."),
  validate_certs: z.boolean().default(true).describe('Check the certificate of the server of a URL.'),
  cacheonly: z.boolean().default(false).describe('Ask no server.'),
  conf_file: hostPath.optional().describe('Settings, in the place of /etc/dnf/dnf.conf.'),
  installroot: hostPath.default('/').describe('Folder that packages are installed under.'),
  releasever: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .optional()
    .describe('Release to take packages from.'),
  download_only: z.boolean().default(false).describe('Download packages, and install nothing.'),
  download_dir: hostPath.optional().describe('Where to.'),
  list: z
    .string()
    .regex(/^[^\s-]\S*$/)
    .optional()
    .describe('Tell of packages and change nothing: installed, available, updates, repos, or a name.'),
  lock_timeout: z.int().min(0).max(3600).default(30).describe("Seconds to wait for another's lock."),
  use_backend: z
    .enum(['auto', 'dnf', 'dnf4', 'dnf5', 'yum', 'yum4'])
    .default('auto')
    .describe('dnf5 or an older one; auto: dnf5 where the host has it.'),
  install_repoquery: taken('nothing else is needed', z.boolean()),
} as const;

export type DnfParams = z.infer<z.ZodObject<typeof dnfFields>>;
