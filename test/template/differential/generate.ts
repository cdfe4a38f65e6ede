/** A reproducible source of choices (mulberry32). */
class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}

/** What an expression gives: whole number, number, text, truth, list of numbers, of texts, of hosts, of anything, dict. */
type Kind = 'int' | 'num' | 'str' | 'bool' | 'nums' | 'words' | 'hosts' | 'list' | 'dict';

const kinds: readonly Kind[] = ['int', 'num', 'str', 'bool', 'nums', 'words', 'hosts', 'list', 'dict'];

const atoms: Readonly<Record<Kind, readonly string[]>> = {
  int: ['i', 'neg', 'zero', '0', '1', '2', '-5', '10', '255', 'hosts[0].port', 'd.b', 'nums | length', 'true'],
  num: ['f', '1.0', '0.1', '-2.5', '1e3', '1.5e-7', 'i', '3', '2.675', '1e16', '7.0'],
  str: [
    ...['s', 'low', 'path', 'empty', 'blank', 'digits', 'lines', 'uni', 'quoted', 'csv', 'version', 'd.a', "'x'"],
    ...["'ab cd'", "'Straße'", "'%s-%d'", "'3.7'", "'yes'", "'a_b-c'", 'hosts[0].name', "'0x1f'", "'TitLe case'"],
  ],
  bool: ['yes', 'no', 'true', 'false', 'hosts[0].up', 'i > 3', "'a' in words"],
  nums: ['nums', '[1, 2, 3]', 'range(5) | list', 'bare', '[5]', '[2.5, 1, -1]', 'd.c.k'],
  words: ['words', "['x', 'y']", 'bare', 'hosts[0].tags', "['b', 'a', 'B']", 's.split()', "csv.split(',')"],
  hosts: ['hosts', 'hosts[:2]', 'hosts[1:]'],
  list: ['mixed', 'nested', 'bare', '[none, d]', "(1, 'a')", "[[1], ['a']]", 'd.items()', 'd.keys()', 'pairs'],
  dict: ['d', 'e', 'hollow', 'd.c', "{'x': 1, 'y': [2]}", 'hosts[0]', "dict(a=1, b='t')", 'result'],
};

/** Expressions by what they give; `{int}` is an expression of that kind, in parentheses where needed. */
const shapes: Readonly<Record<Kind, readonly string[]>> = {
  int: [
    ...['{int} + {int}', '{int} - {int}', '{int} * {int}', '{int} // {int}', '{int} % {int}', 'i ** 3', '-{int}'],
    ...['{str} | length', '{list} | length', '{dict} | count', '{str} | int', '{str} | int(5)', '{num} | int'],
    ...['{str} | int(0, 16)', '{int} | abs', '{nums} | sum', '{hosts} | sum(attribute="port")', '{nums} | max'],
    ...['{str}.count("a")', '{str}.find("o")', '{words}.index("x")', '{str} | wordcount', '{nums}[{int}]'],
    ...["'10 MB' | human_to_bytes", "'2K' | human_to_bytes", '{int} + {bool}', '2 ** 70 // 3 ** 40'],
    ...['{int} | random(seed="a")', '{nums} | random(seed=42)', '{int} | root | int', '{str}.rfind("l")'],
  ],
  num: [
    ...['{num} + {num}', '{num} - {num}', '{num} * {int}', '{num} / {num}', '{num} // {num}', '{num} % {num}'],
    ...['{num} | round', '{num} | round(1)', "{num} | round(0, 'ceil')", "{num} | round(1, 'floor')", '{str} | float'],
    ...['{int} | pow(2)', '{int} | root', '{int} | log(2)', '{num} | abs', '{nums} | min', 'f ** 2', '{int} / 2'],
    ...['{num} | round(-1)', '{str} | float(1.5)', '{int} | float'],
  ],
  str: [
    ...['{str} ~ {str}', '{str} ~ {int}', '{str} ~ {num}', '{str} ~ {list}', '{str} ~ {bool}', '{str} + {str}'],
    ...['{str} * 2', '{str} | upper', '{str} | lower', '{str} | title', '{str} | capitalize', '{str} | trim'],
    ...['{str} | replace("o", "0")', '{str} | replace("l", "L", 1)', '{str} | center(20)', '{str} | reverse'],
    ...['{str} | indent(2)', '{str} | indent(2, true)', '{str} | indent(2, first=false, blank=true)'],
    ...['{str} | truncate(9)', '{str} | truncate(8, true)', '{str} | truncate(7, false, "..", 0)', '{str} | string'],
    ...['{str} | wordwrap(6)', '{words} | join(", ")', '{nums} | join("-")', '{hosts} | join(",", attribute="name")'],
    ...['{list} | string', '{dict} | string', '{num} | string', '{bool} | string', '{str}[1:4]', '{str}[::-1]'],
    ...['{str}[{int}]', '{str}[-3:]', '{str}.upper()', '{str}.strip()', '{str}.title()', '{str}.swapcase()'],
    ...[
      '{str}.ljust(8, ".")',
      '{str}.zfill(9)',
      '{str}.center(11, "*")',
      '{str}.replace("e", "")',
      '{str}.capitalize()',
    ],
    ...['"%s|%5d" % ({str}, {int})', '"%05.2f" % {num}', '"%-8s|" % {str}', '"%x %o %e" % (255, 8, {num})'],
    ...['"%s" | format({list})', '"%(a)s" % {dict}', '"%r" % {str}', '"{} {}".format({str}, {num})', '"%+d" % {int}'],
    ...['"{:>8}|{:<4}|{:^6}".format({str}, {int}, {str})', '"{:08.3f}".format({num})', '"{0[0]}".format({words})'],
    ...['{str} | b64encode', '{str} | b64encode | b64decode', '{str} | md5', '{str} | sha1', '{str} | hash("sha256")'],
    ...['{str} | quote', '{str} | regex_replace("[aeiou]", "*")', '{str} | regex_replace("(\\w)(\\w)", "\\2\\1")'],
    ...['{str} | regex_replace("^(?P<x>.)", "<\\g<x>>")', '{str} | regex_escape', '{str} | regex_replace("$", "!")'],
    ...[
      '{str} | basename',
      '{str} | dirname',
      'path | splitext | first',
      '[{str}, {str}] | path_join',
      '{str} | normpath',
    ],
    ...['{list} | to_json', '{dict} | to_json', '{dict} | to_nice_json', '{dict} | to_yaml', '{dict} | to_nice_yaml'],
    ...['{list} | to_yaml', '{list} | to_nice_yaml', '{str} | to_json', '{hosts} | to_nice_yaml(indent=2)'],
    ...[
      '{dict} | to_nice_yaml(sort_keys=false)',
      '{num} | to_json',
      '{str} | to_yaml',
      '{list} | to_nice_json(indent=2)',
    ],
    ...['{dict} | to_yaml(default_flow_style=true)', '{dict} | to_json(sort_keys=true)', '{str} | urlencode'],
    ...['{dict} | urlencode', '{str} | comment', '{str} | comment("c")', '{str} | comment("cblock")', '{str} | escape'],
    ...[
      '{str} | comment(decoration="! ")',
      '{str} | comment("xml")',
      '{str} | comment("plain", prefix="#", postfix="#")',
    ],
    ...['{int} | human_readable', '{int} | human_readable(unit="K")', '{int} | filesizeformat', '{str} | to_uuid'],
    ...['{str} | urlencode | urldecode', '{any} | type_debug', '{str} | default("x")', '{str} | default("x", true)'],
    ...[
      '{words} | first',
      '{words} | last',
      'missing | default({str})',
      '{bool} | ternary({str}, {str})',
      '{str} | forceescape',
    ],
    ...[
      '{str} if {bool} else {str}',
      '{str} | checksum',
      '{str} | striptags',
      '{str} | urlize',
      '{dict} | xmlattr',
      '{bool} | tojson',
    ],
    ...[
      '"%Y-%m-%d" | strftime(0, utc=true)',
      '"%H:%M:%S %j %a %b" | strftime({int}, utc=true)',
      '{list} | pprint',
      '{dict} | pprint',
    ],
    ...[
      'url | urlsplit("hostname")',
      'url | urlsplit("query")',
      '"c:\\\\a\\\\b.txt" | win_basename',
      '"c:\\\\a\\\\b.txt" | win_dirname',
    ],
    ...[
      '{str}.removeprefix("H")',
      '{str}.expandtabs()',
      '{str}.casefold()',
      '", ".join({words})',
      'path | relpath("/etc")',
    ],
    ...[
      '[path, "/etc/x"] | commonpath',
      '{str} | trim("d ")',
      '{str}.rstrip("dl")',
      '{any} | e',
      '{dict}["a"]',
      '{dict}.a',
    ],
    ...['{str} | random(seed={int})', '{hosts} | map(attribute="name") | join("+")', '{str} | wordwrap(5, false)'],
  ],
  bool: [
    ...['{int} == {int}', '{int} < {int}', '{num} >= {int}', '{str} == {str}', '{str} < {str}', '{str} != {any}'],
    ...['{str} in {str}', '{str} in {words}', '{int} in {nums}', '{int} not in {nums}', '{str} in {dict}', 'not {any}'],
    ...['{bool} and {bool}', '{bool} or {bool}', '1 < {int} <= 10', '{nums} == {nums}', '{dict} == {dict}'],
    ...[
      '{any} is defined',
      'missing is undefined',
      '{any} is string',
      '{any} is number',
      '{any} is mapping',
      '{any} is boolean',
    ],
    ...[
      '{any} is sequence',
      '{any} is iterable',
      '{any} is none',
      '{int} is even',
      '{int} is odd',
      '{int} is divisibleby 3',
    ],
    ...['{any} is integer', '{any} is float', '{any} is true', '{any} is false', '{any} is truthy', '{any} is falsy'],
    ...[
      '{str} is lower',
      '{str} is upper',
      '{str} is match("[a-z]+")',
      '{str} is search("o")',
      '{str} is regex("^\\w")',
    ],
    ...['version is version("6.2", ">=")', 'version is version({str}, "lt")', '{nums} is subset([1, 2, 3, 4])'],
    ...['{nums} is superset([1])', '{words} is contains("x")', '{list} is all', '{list} is any', 'result is changed'],
    ...[
      'result is failed',
      'result is succeeded',
      '{any} is sameas {any}',
      '{int} is in {nums}',
      '{str} | bool',
      '{int} | bool',
    ],
    ...[
      '{str}.startswith("H")',
      '{str}.endswith("d")',
      '{str}.isdigit()',
      '{str}.isalpha()',
      '{str}.islower()',
      '{str}.isupper()',
    ],
    ...[
      '{str} is abs',
      '{num} is nan',
      'url is url',
      '{str} is uri',
      '{int} is gt {int}',
      '{str} is eq {str}',
      '{any} is callable',
    ],
    ...[
      '{str} is filter',
      '"upper" is filter',
      '"odd" is test',
      '{str} is escaped',
      '{str} is urn',
      '{str} is vault_encrypted',
    ],
    ...[
      '{list} < {list}',
      '{nums} < {nums}',
      '{str}.istitle()',
      '{str}.isspace()',
      '{str}.isidentifier()',
      '{str}.isalnum()',
    ],
  ],
  nums: [
    ...[
      '{nums} + {nums}',
      '{nums} | sort',
      '{nums} | sort(reverse=true)',
      '{nums} | unique',
      '{nums} | reverse | list',
    ],
    ...[
      '{nums}[1:]',
      '{nums}[::-1]',
      '{nums}[:{int}]',
      '{nums} | map("pow", 2) | list',
      '{nums} | select("gt", 1) | list',
    ],
    ...[
      '{nums} | reject("odd") | list',
      '{nums} | union({nums}) | sort(case_sensitive=true)',
      '{nums} | intersect({nums}) | sort(case_sensitive=true)',
      '{nums} | difference({nums}) | sort(case_sensitive=true)',
    ],
    ...[
      '{nums} | symmetric_difference({nums}) | sort(case_sensitive=true)',
      'range({int}) | list',
      'range(1, 10, 3) | list',
      '{words} | map("length") | list',
    ],
    ...[
      '{hosts} | map(attribute="port") | list',
      'nested | flatten',
      'nested | flatten(levels=1)',
      '{nums} | shuffle(seed=3)',
    ],
    ...[
      '{nums} * 2',
      '[{int}, {int}]',
      '{words} | map("int") | list',
      '{hosts} | map(attribute="os.v") | unique | list',
    ],
  ],
  words: [
    ...[
      '{str}.split()',
      '{str}.split("o")',
      '{str} | split(",")',
      '{str}.splitlines()',
      '{str} | list',
      '{words} | sort',
    ],
    ...[
      '{words} | map("upper") | list',
      '{words} | unique',
      '{words} | unique(case_sensitive=true)',
      '{words} | sort(case_sensitive=true)',
    ],
    ...[
      '{words} | select("match", "a") | list',
      '{words} | map("regex_replace", "a", "A") | list',
      '{hosts} | map(attribute="name") | list',
    ],
    ...[
      '{words} + {words}',
      '{dict} | list',
      '{str} | regex_findall("[a-z]+")',
      '{str} | regex_findall("(\\w)(\\w)")',
      '{str}.rsplit("o", 1)',
    ],
    ...[
      '{str} | regex_search("(o)(.)", "\\1", "\\2")',
      '{str}.partition("o")',
      'path | splitext',
      '{words} | map("default", "q") | list',
    ],
    ...[
      '{words} | reject("search", "a") | list',
      '{words} | difference({words}) | sort(case_sensitive=true)',
      '{str}.split(None, 1)',
      '{words} | reverse | list',
    ],
    ...[
      '{hosts} | map(attribute="nope", default="-") | list',
      '"c:\\\\a" | win_splitdrive',
      '{hosts} | selectattr("up") | map(attribute="ip") | list',
    ],
  ],
  hosts: [
    ...['{hosts} | sort(attribute="name")', '{hosts} | selectattr("up") | list', '{hosts} | rejectattr("up") | list'],
    ...[
      '{hosts} | selectattr("port", "eq", 22) | list',
      '{hosts} | selectattr("os.v", ">", 12) | list',
      '{hosts} | sort(attribute="port,name")',
    ],
    ...[
      '{hosts} | rejectattr("name", "match", "vm") | list',
      '{hosts} | unique(attribute="port")',
      '{hosts} | selectattr("nope", "defined") | list',
    ],
    ...[
      '{hosts} | sort(attribute="os.v", reverse=true)',
      '{hosts} | selectattr("name", "in", ["gw"]) | list',
      '{hosts} | rejectattr("tags", "contains", "a") | list',
    ],
  ],
  list: [
    ...[
      '{dict} | dict2items',
      '{dict}.items() | list',
      '{dict} | items | list',
      '{dict} | dictsort',
      '{dict} | dictsort(by="key", reverse=true)',
    ],
    ...[
      '{nums} | zip({words}) | list',
      '{nums} | zip_longest({words}, fillvalue="-") | list',
      '{nums} | product([1, 2]) | list',
      '{nums} | batch(2) | list',
    ],
    ...[
      '{nums} | batch(3, 0) | list',
      '{words} | slice(2) | list',
      '{words} | slice(3, "-") | list',
      '{nums} | permutations(2) | list',
    ],
    ...[
      '{nums} | combinations(2) | list',
      '{hosts} | groupby("port")',
      '{hosts} | groupby("os.v") | map("first") | list',
      '{hosts} | subelements("tags")',
    ],
    ...[
      '{hosts} | subelements("nope", skip_missing=true)',
      '{list} | flatten',
      '{list} + {list}',
      '{dict}.values() | list',
      '{list} | map("string") | list',
    ],
    ...[
      '{hosts} | map("combine", {"z": 1}) | list',
      '[{any}, {any}]',
      '({any}, {any})',
      '{list} | select | list',
      '{list} | reject("none") | list',
    ],
    ...[
      '{list} | to_json | from_json',
      '{dict} | dict2items(key_name="n", value_name="v")',
      '{words} | map("extract", d) | list',
      '{list} | map("type_debug") | list',
    ],
    ...['{str} | from_yaml_all | list', '{list} | flatten(levels=1, skip_nulls=false)', '{words} | groupby(0) | list'],
  ],
  dict: [
    ...[
      '{dict} | combine({dict})',
      '{dict} | combine({dict}, recursive=true)',
      '{dict} | combine({dict}, list_merge="append", recursive=true)',
    ],
    ...[
      'pairs | items2dict',
      '{dict} | dict2items | items2dict',
      '{"a": {any}}',
      'dict({words} | zip({nums}))',
      '{hosts} | first',
      '{hosts} | last',
    ],
    ...[
      '{dict} | to_json | from_json',
      '{dict} | to_nice_yaml | from_yaml',
      '{dict} | to_yaml | from_yaml',
      '[{dict}, {dict}] | combine',
      'url | urlsplit',
    ],
    ...[
      '{hosts} | items2dict(key_name="name", value_name="ip")',
      'dict({any}, k={int})',
      '{hosts} | rekey_on_member("name")',
      '{dict}.copy()',
      '{dict}.c',
    ],
    ...[
      '{dict} | combine({dict}, list_merge="prepend_rp")',
      '{hosts} | max(attribute="port")',
      '{hosts} | min(attribute="name")',
      '{dict}.get("c", {})',
    ],
  ],
};

function fill(choices: Choices, shape: string, depth: number): string {
  return shape.replace(/\{(int|num|str|bool|nums|words|hosts|list|dict|any)\}/g, (_, name: string) => {
    const wanted = kinds.find((kind) => kind === name);
    // One in thirty has another type than it should: errors must be errors on both sides.
    const kind = wanted === undefined || choices.below(30) === 0 ? choices.of(kinds) : wanted;
    const inner = expression(choices, kind, depth - 1);
    return /^[\w.]+$|^'[^']*'$/.test(inner) ? inner : `(${inner})`;
  });
}

function expression(choices: Choices, kind: Kind, depth: number): string {
  if (depth <= 0 || choices.below(5) === 0) return choices.of(atoms[kind]);
  return fill(choices, choices.of(shapes[kind]), depth);
}

/** As many different expressions; the same seed gives the same ones. */
export function expressions(count: number, seed: number): string[] {
  const choices = new Choices(seed);
  const made = new Set<string>();
  // First each shape by itself, then deeper ones.
  for (const kind of kinds) for (const shape of shapes[kind]) made.add(fill(choices, shape, 1));
  while (made.size < count) made.add(expression(choices, choices.of(kinds), 1 + choices.below(3)));
  return [...made].slice(0, count);
}

/** Pieces of template files; `{x}` as above, `{body}` more pieces. */
const pieces: readonly string[] = [
  ...[
    'text ',
    '\n',
    '  ',
    '{{ {str} }}',
    '{{ {int} }}\n',
    '{{ {any} }} ',
    '{{- {str} -}}',
    '{# note #}',
    '{#- note -#}\n',
    'a\n  b\n',
  ],
  ...[
    '{% if {bool} %}\n{body}{% endif %}\n',
    '{% if {bool} -%}\n{body}{%- else %}\n{body}{% endif %}',
    '{% if {int} > 2 %}{body}{% elif {bool} %}{body}{% else %}{body}{% endif %}',
  ],
  ...[
    '{% for x in {nums} %}\n{{ x }}{body}{% endfor %}\n',
    '{% for x in {words} -%}\n {{ loop.index }}/{{ loop.length }} {{ x }}\n{% endfor %}',
  ],
  ...[
    '{% for h in hosts if h.up %}\n{{ h.name }}:{{ h.port }}{{ "," if not loop.last }}\n{% else %}none\n{% endfor %}',
  ],
  ...[
    '{% for key, val in {dict}.items() %}\n{{ key }}={{ val }}\n{% endfor %}',
    '{% for x in [] %}a{% else %}{body}{% endfor %}',
  ],
  ...[
    '{% for x in {nums} %}{{ loop.cycle("a", "b") }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.previtem | default("-") }}{{ loop.nextitem is defined }}{% endfor %}',
  ],
  ...[
    '{% for x in {nums} %}{% if loop.changed(x) %}{{ x }};{% endif %}{% endfor %}',
    '{% set v = {any} %}\n{{ v }}\n',
    '{% set v %}{body}{% endset %}[{{ v }}]',
  ],
  ...[
    '{% set v | upper %}{body}{% endset %}{{ v }}',
    '{% filter upper %}{body}{% endfilter %}',
    '{% filter indent(2) %}\n{body}{% endfilter %}\n',
  ],
  ...[
    '{% macro m(a, b=2) %}({{ a }}-{{ b }}{% if caller is defined %}{{ caller() }}{% endif %}){% endmacro %}{{ m({int}) }}{{ m({str}, b={int}) }}',
  ],
  ...[
    '{% macro wrap(x) %}<{{ caller(x) }}>{% endmacro %}{% call(y) wrap({str}) %}{{ y }}{body}{% endcall %}',
    '{% raw %}{{ raw }}{% endraw %}',
  ],
  ...[
    '{% with quick = {int}, r = {str} %}{{ quick }}{{ r }}{% endwith %}{{ quick | default("gone") }}',
    '{% set ns = namespace(n=0) %}{% for x in {nums} %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}\n',
  ],
  ...[
    '{%- if {bool} -%}\n  x\n{%- endif -%}\n',
    '{%+ if yes +%}\n  y\n{%+ endif +%}\n',
    '  {% if yes %}\n    z\n  {% endif %}\n',
  ],
  ...[
    '{% for t in [{"n": 1, "c": [{"n": 2, "c": []}]}] recursive %}{{ loop.depth }}:{{ t.n }}{{ loop(t.c) }}{% endfor %}',
  ],
  ...[
    '{% include "part.j2" %}\n',
    '{% import "lib.j2" as lib %}{{ lib.hi({str}) }}{{ lib.constant }}\n',
    '{% from "lib.j2" import hi, constant as k with context %}{{ hi("x") }}{{ k }}\n',
  ],
  ...[
    '{% include "nope.j2" ignore missing %}',
    '{% include ["nope.j2", "part.j2"] %}',
    '{% for x in {words} %}{% include "part.j2" %}{% endfor %}',
  ],
  ...[
    '{% set c = cycler("a", "b") %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}',
    '{% set j = joiner("|") %}{% for x in {words} %}{{ j() }}{{ x }}{% endfor %}',
  ],
  ...[
    '{% macro many() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ many(1, {str}, z={int}) }}',
    '{{ {bool} }}{{ nothing }}|{{ none }}\n',
    '{{ joiner is defined }}{{ m is defined }}',
  ],
  ...[
    '{% autoescape false %}{{ quoted }}{% endautoescape %}',
    '{% set a, b = 1, {str} %}{{ a }}{{ b }}',
    '\r\n',
    '\t{{ {list} }}\n',
  ],
];

/** What `include`, `import` and `extends` find. */
export const files = {
  'part.j2': 'part {{ i }}{% if x is defined %} {{ x }}{% endif %}\n',
  'lib.j2': '{% macro hi(who) %}hi {{ who }}!{% endmacro %}{% set constant = 5 %}ignored\n',
  'base.j2':
    'head\n{% block title %}base title{% endblock %}\n{% block body scoped %}\nbase body {{ i }}\n{% endblock %}\n{% block foot required %}{% endblock %}\ntail\n',
  'middle.j2':
    '{% extends "base.j2" %}\n{% block title %}middle {{ super() }}{% endblock %}\n{% block foot %}middle foot{% endblock %}\n',
};

const children = ['{% extends "base.j2" %}', '{% extends "middle.j2" %}'];
const blocks = [
  '{% block title %}{body}[{{ super() }}]{% endblock title %}',
  '{% block body %}{{ super() }}{body}{% endblock %}',
  '{% block foot %}{{ self.title() }}{% endblock %}',
  'outside of blocks',
];

function body(choices: Choices, depth: number): string {
  return Array.from({ length: 1 + choices.below(3) }, () => piece(choices, depth)).join('');
}

function piece(choices: Choices, depth: number): string {
  const simple = pieces.slice(0, 10);
  const shape = choices.of(depth > 0 ? pieces : simple);
  const filled = shape.replaceAll('{body}', () => body(choices, depth - 1));
  return fill(choices, filled, 2);
}

/** Template files, with nested statements. */
export function templates(count: number, seed: number): string[] {
  const choices = new Choices(seed);
  const made = new Set<string>(pieces.map((shape) => fill(choices, shape.replaceAll('{body}', 'body {{ i }}\n'), 1)));
  while (made.size < count) {
    if (choices.below(8) > 0) made.add(Array.from({ length: 2 + choices.below(4) }, () => piece(choices, 2)).join(''));
    else {
      const own = blocks.filter(() => choices.below(4) > 0);
      made.add(
        `${choices.of(children)}\n${fill(
          choices,
          own.join('\n').replaceAll('{body}', () => body(choices, 0)),
          1,
        )}\n`,
      );
    }
  }
  return [...made].slice(0, count);
}
