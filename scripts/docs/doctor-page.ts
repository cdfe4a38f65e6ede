import { registry } from '../../controller/reach/doctor/checks/registry.gen.ts';
import { listPage } from './list-page.ts';

/** docs/doctor.md with the list of checks as the code has it. */
export function doctorPage(page: string): string {
  return listPage(page, 'checks', registry.values());
}
