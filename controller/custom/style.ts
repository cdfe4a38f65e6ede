import { isUtf8 } from 'node:buffer';

/**
 * How a custom module is given its arguments, as Ansible tells it by the module's text: Python that imports of
 * `ansible.module_utils` or a collection's `module_utils`; a program with WANT_JSON, or a binary, that reads a file of JSON;
 * a text that has a place for them; else a program that reads a file of `key=value`.
 */
export type Style = 'python' | 'json' | 'inline' | 'words';

const python =
  /^[ \t]*(?:(?:from|import)[ \t]+ansible(?:_collections\.\w+\.\w+\.plugins)?\.module_utils\b|from[ \t]+\.{2,}[ \t]*module_utils\b)/m;

/** Stands for a line of Python that imports all of `basic`. */
const commonMark = /^[ \t]*#[ \t]*<<INCLUDE_ANSIBLE_MODULE_COMMON>>.*$/m;
const inlineMark = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>';

export function styleOf(content: Buffer): Style {
  if (!isUtf8(content) || content.includes(0)) return 'json';
  const text = content.toString('utf8');
  if (python.test(text) || commonMark.test(text)) return 'python';
  if (text.includes(inlineMark)) return 'inline';
  return text.includes('WANT_JSON') ? 'json' : 'words';
}

/** The source of a module of style `python`. */
export function pythonSource(content: Buffer): string {
  return content.toString('utf8').replace(commonMark, 'from ansible.module_utils.basic import *');
}

/** A module of style `inline` with its arguments in it. */
export function withArguments(content: Buffer, json: string): Buffer {
  return Buffer.from(content.toString('utf8').replaceAll(inlineMark, () => json));
}

/** The first line's program and the rest behind it: `#!/usr/bin/env python3` has "/usr/bin/env" and "python3". */
export function shebangOf(content: Buffer): string | undefined {
  const [line = ''] = content.subarray(0, 256).toString('latin1').split(/\r?\n/, 1);
  return line.startsWith('#!') ? line.slice(2).trim() : undefined;
}
