import * as z from 'zod';

const octal = /^(0o?)?[0-7]{1,4}$/;
const symbolic = /^[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*$/;

function modeProblem(mode: string | number): string | undefined {
  if (typeof mode === 'string') {
    if (octal.test(mode) || symbolic.test(mode)) return undefined;
    return `mode must be in octal or symbolic form, like "0644" or u=rw,g=r,o=r, not ${JSON.stringify(mode)}`;
  }
  // 644 without a leading 0 would be 01204; no mode that makes sense lies in 512-999.
  return mode >= 512 && mode <= 999 ? `${mode} is a decimal number here; write "0${mode}"` : undefined;
}

/** The `mode` parameter: octal ("0644", or YAML's 0644) or symbolic ("u=rw,g=r"). */
export const fileMode = z.union([z.string(), z.int().min(0).max(0o7777)]).superRefine((mode, context) => {
  const message = modeProblem(mode);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const letters: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };

/** Bits that the letters stand for in a file of this mode, for the classes in `who`, and the bits that `=` would clear. */
function bits(who: string, permissions: string, value: number, executable: boolean): { set: number; all: number } {
  let set = 0;
  let all = 0;
  for (const [name, shift] of Object.entries(shifts)) {
    if (!who.includes(name)) continue;
    all |= 7 << shift;
    for (const letter of permissions) {
      const from = shifts[letter];
      const copied = from === undefined ? (letters[letter] ?? 0) : (value >> from) & 7;
      set |= (letter === 'X' ? Number(executable) : copied) << shift;
    }
  }
  const special = (name: string, letter: string, bit: number) => {
    if (!who.includes(name)) return;
    all |= bit;
    if (permissions.includes(letter)) set |= bit;
  };
  special('u', 's', 0o4000);
  special('g', 's', 0o2000);
  special('o', 't', 0o1000);
  return { set, all };
}

/** What programs leave out of a mode that is asked for nobody in particular (umask(2)). */
const umask = 0o022;

/** Whether it gives a class what another one has, so that doing it once more may change it again ("u=g,g=o"). */
export function copiesBits(mode: string | number | undefined): boolean {
  return typeof mode === 'string' && /[-+=][ugo]/.test(mode);
}

/** The mode that is wanted of a file that has `present` now (chmod(1)'s grammar; without a class: all, within the umask). */
export function modeFrom(mode: string | number, present: number, directory: boolean): number {
  if (typeof mode === 'number') return mode;
  if (octal.test(mode)) return Number.parseInt(mode.replace('o', ''), 8);
  let value = present;
  for (const clause of mode.split(',')) {
    const [, classes = '', changes = ''] = /^([ugoa]*)(.*)$/.exec(clause) ?? [];
    const who = classes === '' || classes.includes('a') ? 'ugo' : classes;
    for (const [, operator, permissions = ''] of changes.matchAll(/([-+=])([rwxXst]*|[ugo])(?![rwxXstugo])/g)) {
      const { set: said, all } = bits(who, permissions, value, directory || (value & 0o111) !== 0);
      const set = classes === '' && !/[ugo]/.test(permissions) ? said & ~umask : said;
      if (operator === '=') value = (value & ~all) | set;
      else value = operator === '+' ? value | set : value & ~set;
    }
  }
  return value;
}

/** "0644", as Ansible returns it. */
export function modeText(mode: number): string {
  return `0${mode.toString(8).padStart(3, '0')}`;
}
