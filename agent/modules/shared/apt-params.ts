import * as z from 'zod';
import { taken } from './taken.ts';

/** A package as apt-get(8) takes it, name, :architecture, =version, /release, or name>=version, or *; it cannot be taken for an option. */
const packageName = z
  .string()
  .regex(/^(\*|[A-Za-z0-9][A-Za-z0-9+._~*?:-]*((?:>?=|\/)[A-Za-z0-9+._~:*-]+)?)$/, 'is no name of a package');

export const aptFields = {
  name: z
    .union([z.string(), z.array(packageName)])
    .default([])
    .describe(
      'Packages, a list or with commas between; name=version for one version, name>=version for at least that; "*" with latest: all.',
    ),
  state: z
    .enum(['absent', 'build-dep', 'fixed', 'latest', 'present'])
    .default('present')
    .describe('latest: the newest that the lists know; build-dep: what they are built with.'),
  update_cache: z.boolean().optional().describe('Read the lists of packages anew first.'),
  cache_valid_time: z.int().min(0).default(0).describe('Seconds that the lists may be old for that.'),
  upgrade: z
    .enum(['dist', 'full', 'no', 'safe', 'yes'])
    .default('no')
    .describe('Upgrade all packages; full, dist: removing others if need be.'),
  deb: z.string().min(1).optional().describe('Packages as files of the host, with commas between, or the URL of one.'),
  default_release: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/)
    .optional()
    .describe('Release to take packages from.'),
  install_recommends: z
    .boolean()
    .optional()
    .describe("Packages that they recommend, too; default: as the host's apt does."),
  only_upgrade: z.boolean().default(false).describe('Only packages that are installed.'),
  purge: z.boolean().default(false).describe('absent: their configuration, too.'),
  autoremove: z.boolean().default(false).describe('Remove what nothing needs any more.'),
  autoclean: z.boolean().default(false).describe('Remove packages from the cache that cannot be had any more.'),
  clean: z.boolean().default(false).describe('Remove all packages from the cache.'),
  allow_downgrade: z.boolean().default(false).describe('Also an older version than the one that is installed.'),
  allow_change_held_packages: z.boolean().default(false).describe('Also packages that are on hold.'),
  allow_unauthenticated: z.boolean().default(false).describe('Also packages that nobody has signed.'),
  force: z.boolean().default(false).describe('The two before, and downgrades.'),
  dpkg_options: z
    .string()
    .regex(/^[a-z,-]*$/)
    .default('force-confdef,force-confold')
    .describe('Options for dpkg(1), with commas between.'),
  lock_timeout: z.int().min(0).max(3600).default(60).describe("Seconds to wait for another's lock."),
  fail_on_autoremove: z.boolean().default(false).describe('Fail where a package would be removed for another.'),
  policy_rc_d: z
    .int()
    .min(0)
    .max(255)
    .optional()
    .describe('What /usr/sbin/policy-rc.d is to answer meanwhile; 101: services of packages are not started.'),
  auto_install_module_deps: taken('nothing of Python is needed', z.boolean()),
  update_cache_retries: taken('apt-get tries again by itself', z.int()),
  update_cache_retry_max_delay: taken('apt-get tries again by itself', z.int()),
  force_apt_get: z.boolean().default(false).describe('Taken for the sake of old playbooks: apt-get it is in any case.'),
} as const;

export type AptParams = z.infer<z.ZodObject<typeof aptFields>>;

/** All that a task names. */
export function namesOf({ name: packages }: AptParams): readonly string[] {
  const list = typeof packages === 'string' ? packages.split(',').map((each) => each.trim()) : packages;
  return list.filter((each) => each !== '');
}

/** Packages by their names; "*" is no package. */
export function packagesOf(params: AptParams): readonly string[] {
  return namesOf(params).filter((each) => each !== '*');
}
