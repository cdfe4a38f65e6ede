import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** What a side of the calls never does, by the names in a service's definition. */
const never = {
  server: ['requestSerialize', 'responseDeserialize'],
  client: ['requestDeserialize', 'responseSerialize'],
} as const;

/**
 * The code made of the .proto files without what only the other side of the calls does with a message, writing it or reading it:
 * a twentieth of the agent's file.
 */
export function oneWay(side: keyof typeof never): Plugin {
  return {
    name: 'one-way',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\/proto\/gen\/.*\.ts$/ }, ({ path }) => ({
        contents: apart(readFileSync(path, 'utf8'), never[side]),
        loader: 'ts',
      })),
  };
}

const tooDeep = 'throw new Error("protobuf decode recursion limit exceeded")';

/** Each way of each message as a function of its own, which the bundler leaves out where nobody calls it. */
function apart(text: string, unneeded: readonly string[]): string {
  const message =
    /^export const (\w+): MessageFns<\1> = \{\n {2}encode(\([\s\S]*?\n {2}\}),\n\n {2}decode(\([\s\S]*?\n {2}\}),\n\};$/gm;
  const functions = text
    .replace(message, 'function encode$1$2\nfunction decode$1$3')
    .replace(/\b([A-Z]\w*)\.(encode|decode)\(/g, '$2$1(')
    // Messages are no values any more, whose names could hide those of JavaScript.
    .replaceAll('globalThis.', '')
    // In each function that reads one; said once, and by a short name, it takes four kilobytes less.
    .replaceAll(tooDeep, 'tooDeep()')
    .replaceAll('__tsProtoDecodeDepth', 'depth');
  if (functions.includes(': MessageFns<'))
    throw new Error('a message of the generated code does not look as others do');
  const needed = functions.replace(new RegExp(`^ +(?:${unneeded.join('|')}): .*,\n`, 'gm'), '');
  return `${needed}\nfunction tooDeep(): never { ${tooDeep}; }\n`;
}
