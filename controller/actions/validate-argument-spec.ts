import * as z from 'zod';
import { argumentErrors } from '../vars/argument-spec.ts';
import { omit } from '../vars/omit.ts';
import { type ActionResult, defineAction } from './action.ts';

const mapping = z.record(z.string(), z.unknown());

export const action = defineAction({
  name: 'validate_argument_spec',
  summary: 'Hold arguments against a specification, as roles do with their meta/argument_specs.yml.',
  examples: [
    'validate_argument_spec:\n  argument_spec:\n    port: { type: int, required: true }\n  provided_arguments:\n    port: "{{ port }}"',
  ],
  params: z.strictObject({
    argument_spec: mapping.describe(
      'Options: type, elements, required, choices, aliases, and options of their own, with mutually_exclusive, required_if and the like.',
    ),
    provided_arguments: mapping
      .default({})
      .describe('Arguments; those that are not here are the variables of their names.'),
    validate_args_context: mapping.default({}).describe('What the result tells of where this was asked.'),
  }),
  local: true,
  run: async ({ argument_spec, provided_arguments, validate_args_context }, context): Promise<ActionResult> => {
    const variables = Object.keys(argument_spec).flatMap((name): [string, unknown][] => {
      const value = context.variable(context.host, name);
      return value === undefined || value === omit ? [] : [[name, value]];
    });
    const errors = argumentErrors(argument_spec, { ...Object.fromEntries(variables), ...provided_arguments });
    if (errors.length === 0) {
      return { status: 'ok', result: { msg: 'The arg spec validation passed', validate_args_context } };
    }
    const message = `Validation of arguments failed:\n${errors.join('\n')}`;
    const result = { argument_errors: errors, argument_spec_data: argument_spec, validate_args_context, msg: message };
    return { status: 'failed', message, result };
  },
});
