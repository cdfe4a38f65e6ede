import { Fault } from '../fault.ts';
import { dictMethods } from '../methods/dict.ts';
import { listMethods } from '../methods/list.ts';
import type { MethodTable } from '../methods/method.ts';
import { floatMethods, integerMethods } from '../methods/number.ts';
import { stringMethods } from '../methods/string.ts';
import { attributeOf } from '../python/access.ts';
import {
  Callable,
  defined,
  definedOrNoElse,
  type Given,
  isFloat,
  isInteger,
  isList,
  isMapping,
  MemberHolder,
  Namespace,
  typeName,
  Undefined,
} from '../python/values.ts';
import { didYouMean } from '../suggest.ts';
import type { Rendering } from './frame.ts';
import { bind } from './signature.ts';

const changing = [...listMethods, ...dictMethods].flatMap(([name, { changes }]) => (changes ? [name] : []));
const changingCall = new RegExp(String.raw`\.\s*(?:${changing.join('|')})\s*\(`);

/** Whether a template's text may call a method that changes a list or dict. */
export const callsChanges = (text: string): boolean => changingCall.test(text);

function methodsOf(value: unknown): MethodTable | undefined {
  if (typeof value === 'string') return stringMethods;
  if (isList(value)) return listMethods;
  if (isMapping(value)) return dictMethods;
  if (isFloat(value)) return floatMethods;
  if (isInteger(value) || typeof value === 'boolean') return integerMethods;
  return undefined;
}

/** Calls something; only macros take what does not exist. */
export function callWith(target: Callable, given: Given): unknown {
  if (!target.attributes.has('arguments')) {
    for (const value of [...given.positional, ...given.named.values()]) definedOrNoElse(value);
  }
  return target.call(given);
}

/**
 * `object.name(...)`: one of the safe methods of Python's str, list, dict and numbers; nothing of JavaScript. Those that change
 * a list or dict work on what is this rendering's own: variables stay as they are.
 */
export function callMethod(object: unknown, name: string, given: Given, rendering: Rendering): unknown {
  if (object instanceof MemberHolder || object instanceof Namespace || object instanceof Callable) {
    const member = defined(attributeOf(object, name));
    if (member instanceof Callable) return callWith(member, given);
    throw new Fault(`'${name}' is not a function`);
  }
  const methods = methodsOf(object);
  const method = methods?.get(name);
  if (!method) {
    const ofUndefined = attributeOf(object, name) instanceof Undefined;
    const hint = () => didYouMean(name, methods?.keys() ?? []);
    throw new Fault(`${typeName(object)} has no method '${name}'`, { hint, ofUndefined });
  }
  for (const value of [...given.positional, ...given.named.values()]) defined(value);
  if (method.changes && !rendering.mayChange(object as object)) {
    throw new Fault(`'${name}' would change a variable`, { hint: "change a copy: start it with '| combine({})'" });
  }
  return method.run(object, bind(`${name}()`, method.signature, given));
}
