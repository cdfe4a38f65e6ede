import { attributeOf, MemberHolder } from './access.ts';
import { Fault } from './fault.ts';
import { dictMethods } from './methods/dict.ts';
import { listMethods } from './methods/list.ts';
import type { MethodTable } from './methods/method.ts';
import { stringMethods } from './methods/string.ts';
import { bind } from './signature.ts';
import { didYouMean } from './suggest.ts';
import { Callable, defined, type Given, isList, isMapping, Namespace, typeName } from './values.ts';

function methodsOf(value: unknown): MethodTable | undefined {
  if (typeof value === 'string') return stringMethods;
  if (isList(value)) return listMethods;
  if (isMapping(value)) return dictMethods;
  return undefined;
}

/** `object.name(...)`: one of the safe methods of Python's str, list and dict; nothing of JavaScript. */
export function callMethod(object: unknown, name: string, given: Given): unknown {
  if (object instanceof MemberHolder || object instanceof Namespace) {
    const member = defined(attributeOf(object, name));
    if (member instanceof Callable) return member.call(given);
    throw new Fault(`'${name}' is not a function`);
  }
  const methods = methodsOf(object);
  const method = methods?.get(name);
  if (!method) {
    const changes = ['append', 'extend', 'insert', 'pop', 'remove', 'update', 'setdefault', 'clear', 'sort', 'popitem'];
    const hint = changes.includes(name)
      ? "templates don't change data; make new data with '+', 'combine' or a namespace"
      : didYouMean(name, methods?.keys() ?? []);
    throw new Fault(`${typeName(object)} has no method '${name}'`, { hint });
  }
  given.positional.forEach(defined);
  return method.run(object, bind(`${name}()`, method.signature, given));
}
