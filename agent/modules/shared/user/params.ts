import * as z from 'zod';
import { accountName } from '../account-name.ts';
import { hostPath, presence, secret } from '../fields.ts';
import { refuseWithLocal } from '../local-accounts.ts';
import { taken } from '../taken.ts';

/** No colon and no newline: it becomes a field of a line in /etc/passwd. */
const field = z.string().regex(/^[^:\n\0]*$/, 'holds a colon or a newline');
const days = z.int().min(-1).max(99_999);

const fields = z.strictObject({
  name: accountName.describe('The user.'),
  state: presence.describe('present or absent.'),
  uid: z.int().min(0).max(0xffffffff).optional().describe('Its number; default: a free one.'),
  uid_min: z.int().min(0).optional().describe('A free number is at least this one.'),
  uid_max: z.int().min(0).optional().describe('A free number is at most this one.'),
  non_unique: z.boolean().default(false).describe('The number may be that of another user.'),
  group: z
    .union([accountName, z.int(), z.string().regex(/^\d+$/)])
    .optional()
    .describe('Its first group, name or number, which must be there.'),
  groups: z
    .union([z.string(), z.array(z.union([accountName, z.string().regex(/^\d+$/)]))])
    .optional()
    .describe('Its other groups, names or numbers, a list or with commas between; with append: at least these.'),
  append: z.boolean().default(false).describe('Leave the groups that it is in.'),
  comment: field.optional().describe('Full name, or what else the field says.'),
  home: hostPath.optional().describe('Home folder.'),
  create_home: z.boolean().default(true).describe('Make the home folder of a new user, or one that is not there.'),
  move_home: z.boolean().default(false).describe('Move the home folder to a new `home`.'),
  skeleton: hostPath.optional().describe('What a new home folder has in it; default: /etc/skel.'),
  shell: z
    .union([hostPath, z.literal('')])
    .optional()
    .describe('Login shell.'),
  password: secret(field)
    .optional()
    .describe('Hash as crypt(5) makes it (`{{ text | password_hash }}`), or "!" for none.'),
  update_password: z.enum(['always', 'on_create']).default('always').describe('on_create: only of a new user.'),
  password_lock: z.boolean().optional().describe('Lock or unlock the password.'),
  password_expire_min: days.optional().describe('Days between two changes of the password.'),
  password_expire_max: days.optional().describe('Days after which it must be changed.'),
  password_expire_warn: days.optional().describe('Days before that a warning is given.'),
  password_expire_account_disable: days
    .optional()
    .describe('Days after the end of the password that the account is closed; -1: never.'),
  expires: z.number().optional().describe('Seconds since 1970 after which nobody can log in; -1: never.'),
  system: z.boolean().default(false).describe('A new one gets a number of the system and no home folder of its own.'),
  remove: z
    .boolean()
    .default(false)
    .describe('absent: remove its home folder and mail, too. destroy does not bring them back.'),
  force: z.boolean().default(false).describe('absent: even if it is logged in. generate_ssh_key: a new key each time.'),
  umask: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'write it like "0077"')
    .optional()
    .describe('Permissions that a new home folder does not get.'),
  generate_ssh_key: z
    .boolean()
    .default(false)
    .describe(
      'Make a key for SSH, if there is none, or with force in place of the one that is there, which is gone for good.',
    ),
  ssh_key_type: z.enum(['rsa', 'ed25519', 'ecdsa']).default('rsa').describe('Kind of the key.'),
  ssh_key_bits: z.int().min(0).max(16_384).optional().describe('Its length; 0, the default: that of ssh-keygen.'),
  ssh_key_file: z
    .string()
    .regex(/^[^\0\n]+$/)
    .optional()
    .describe('Its file; relative to home. Default: .ssh/id_TYPE.'),
  ssh_key_comment: field.optional().describe('What its public half says of it; default: ansible-generated.'),
  local: z.boolean().default(false).describe("Look for it in the host's own files alone."),
  authorization: taken('it is for Solaris'),
  profile: taken('it is for Solaris'),
  role: taken('it is for Solaris'),
  hidden: taken('it is for macOS', z.boolean()),
  login_class: taken('it is for BSD'),
});
export type UserParams = z.infer<typeof fields>;

export const userParams = fields.superRefine((params, context) =>
  refuseWithLocal(params, ['umask', 'uid_min', 'uid_max'], context),
);
