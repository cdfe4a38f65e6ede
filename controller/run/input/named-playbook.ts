import { existsSync } from 'node:fs';
import { OrchError } from '../../../proto/errors.ts';
import { collectionPlaybooks } from '../../playbook/catalog/collections.ts';
import { isFolder } from '../../source/read-file.ts';
import { parseDeps } from './parse-deps.ts';

/** The file of a playbook that the command line names by its path, or with its collection. Throws OrchError, in Ansible's words. */
export function namedPlaybook(written: string): string {
  const candidates = [written, ...collectionPlaybooks(written, '.', parseDeps().collections)];
  const file = candidates.find((each) => existsSync(each));
  if (file !== undefined && !isFolder(file)) return file;
  const wrong = file === undefined ? 'could not be found' : 'does not appear to be a file';
  throw new OrchError({ code: 'file-not-found', summary: `the playbook: ${written} ${wrong}` });
}
