import { instead } from './instead.ts';

/**
 * yargs lays out its help by string-width, which takes 25 ms to load: it prepares for all of Unicode's emoji. The help is
 * plain text, as wide as it is long.
 */
export const plainWidth = instead('plain-width', /^string-width$/, 'export default (text) => text.length;');

/** grpc-js reads .proto files only to serve its own diagnostics, which nobody asks for here: a fifth of the agent's file. */
export const noProtoLoader = instead(
  'no-proto-loader',
  /^@grpc\/proto-loader$/,
  'export function loadSync() { throw new Error("orch serves no diagnostics of grpc-js"); }',
);

/** zod's schemas can tell themselves as JSON Schema; an agent only checks by them. */
export const noJsonSchema = instead(
  'no-json-schema',
  /\/(json-schema-processors|to-json-schema)\.js$/,
  'export const createToJSONSchemaMethod = () => undefined, createStandardJSONSchemaMethod = createToJSONSchemaMethod;',
  /zod\/v4\/classic\/schemas\.js$/,
);
