import { Fault, isOfVault } from '../fault.ts';
import { filesOf } from '../filters/file.ts';
import { plugin, sealable } from '../plugin.ts';
import { asText, printed } from '../python/coerce.ts';
import { Sealed } from '../python/values.ts';
import type { FileKind } from '../types.ts';

const is = (kinds: readonly FileKind[] | undefined, follow: boolean) =>
  plugin('', (value, _, engine) => {
    const kind = filesOf(engine).kind(asText(value, 'path'), follow);
    return kind !== undefined && (kinds?.includes(kind) ?? true);
  });

const directory = is(['directory'], true);
const file = is(['file'], true);
const link = is(['link'], false);
const mount = plugin('', (value, _, engine) => filesOf(engine).isMount(asText(value, 'path')));
const same = plugin('other', (value, [other], engine) => {
  const [one, two] = [value, other].map((path) => {
    const found = filesOf(engine).identity(asText(path, 'path'));
    if (found === undefined) throw new Fault(`No such file or directory: '${printed(path)}'`);
    return found;
  });
  return one === two;
});

/** Throws for what insists on something that does not exist. */
function isVault(sealed: Sealed): boolean {
  try {
    throw sealed.fault();
  } catch (error) {
    if (isOfVault(error)) return true;
    throw error;
  }
}

/** Whether a text stands for a vault, or is one that nothing opens; not a text that looks like one, as in Ansible. */
const vaultEncrypted = sealable('', (value, _, { options: { workstation } }) => {
  if (value instanceof Sealed) return isVault(value);
  return typeof value === 'string' && workstation?.wasEncrypted(value) === true;
});

const vaultedFile = plugin('', (value, _, engine) => {
  const path = asText(value, 'path');
  const found = filesOf(engine).isVaulted(path);
  if (found === undefined) throw new Fault(`cannot test if the file '${path}' is a vault: it can't be read`);
  return found;
});

/** Tests of the workstation's files, and of what stands in them. */
export const fileTests = {
  directory,
  is_dir: directory,
  exists: is(undefined, true),
  file,
  is_file: file,
  link,
  is_link: link,
  link_exists: is(undefined, false),
  mount,
  is_mount: mount,
  vault_encrypted: vaultEncrypted,
  vaulted_file: vaultedFile,
  same_file: same,
  is_same_file: same,
};
