import * as z from 'zod';

/** A parameter of Ansible that old playbooks have and that changes nothing here; `why` says what is so in any case. */
export function taken(why: string, type: z.ZodType = z.unknown()) {
  return type.optional().describe(`Taken for the sake of old playbooks: ${why}.`);
}
