import * as z from 'zod';
import { hostPath } from '../fields.ts';
import { refuseTogether } from '../relations.ts';

/** A word that git(1) cannot take for an option. */
const word = z.string().regex(/^[^-\s\0][^\s\0]*$/, 'is no word that git takes');

const fields = z.strictObject({
  repo: word.describe('Where it comes from: a URL, user@host:path, or a path of the host.'),
  dest: hostPath
    .optional()
    .describe(
      'The folder that it goes into; it is made, with those above it. Only with clone: false it may be left out.',
    ),
  version: word
    .default('HEAD')
    .describe(
      'Branch, tag or commit; HEAD: the branch that is checked out, in a new repository that of the other side.',
    ),
  remote: word.default('origin').describe('What the other side is called.'),
  clone: z.boolean().default(true).describe('Make it where it is not there; else only say what it would be.'),
  update: z.boolean().default(true).describe('Ask for what is new.'),
  force: z.boolean().default(false).describe('Throw away what was changed in files of the repository.'),
  archive: hostPath
    .regex(/\.(tar|tar\.gz|tgz|gz|zip)$/, 'ends in .tar, .tar.gz, .tgz or .zip')
    .optional()
    .describe('Put the files of the version into this archive, too: tar, tar.gz, tgz or zip.'),
  archive_prefix: z
    .string()
    .regex(/^[^\0]*$/)
    .optional()
    .describe('Text before each path in the archive: "site/".'),
  bare: z.boolean().default(false).describe('Without files.'),
  depth: z.int().min(0).optional().describe('So many commits of the history only; of a branch or tag. 0: all.'),
  single_branch: z.boolean().default(false).describe('This branch only.'),
  refspec: word.optional().describe('Something more to ask for, such as refs/meta/config.'),
  reference: word.optional().describe('A repository of the host that objects are taken from.'),
  separate_git_dir: hostPath.optional().describe("Where a new one has git's own files."),
  recursive: z.boolean().default(true).describe('Submodules, too.'),
  track_submodules: z
    .boolean()
    .default(false)
    .describe('The newest commits of their branches, not those that it names.'),
  verify_commit: z
    .boolean()
    .default(false)
    .describe(
      'Only a commit or tag that GPG says is signed by a key of the keyring; files are left as they are otherwise.',
    ),
  gpg_allowlist: z
    .array(z.string().transform((print) => print.replaceAll(' ', '').toUpperCase()))
    .default([])
    .describe('verify_commit: fingerprints of the keys that will do; default: any of the keyring.'),
  accept_hostkey: z.boolean().default(false).describe('SSH: do not check the key of the other side.'),
  accept_newhostkey: z.boolean().default(false).describe('SSH: believe the key of a host that is not known yet.'),
  key_file: hostPath.optional().describe('SSH: the private key on the host.'),
  ssh_opts: z
    .string()
    .regex(/^[^\r\n\0]*$/)
    .optional()
    .describe('SSH: more options, as a shell reads them.'),
  executable: hostPath.optional().describe('The program; default: git of the PATH.'),
  umask: z
    .union([z.string().regex(/^0?[0-7]{3}$/, 'is no umask'), z.int().min(0).max(0o777)])
    .optional()
    .describe('Permissions that new files do not get: "0022".'),
});
export const gitParams = fields.superRefine((params, context) => {
  const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (params.dest === undefined && params.clone)
    issue('dest', 'dest is missing: the destination directory must be specified unless clone=no');
  if (params.archive_prefix !== undefined && params.archive === undefined)
    issue('archive', 'missing parameter(s) required by archive_prefix: archive');
  const { separate_git_dir, bare, accept_hostkey, accept_newhostkey } = params;
  refuseTogether({ separate_git_dir, bare: bare || undefined }, ['separate_git_dir', 'bare'], context);
  const keys = { accept_hostkey: accept_hostkey || undefined, accept_newhostkey: accept_newhostkey || undefined };
  refuseTogether(keys, ['accept_hostkey', 'accept_newhostkey'], context);
});
/** `dest` is empty where the task has none. */
export type GitParams = z.infer<typeof fields> & { readonly dest: string };
