import { InputError } from '../../../domain/input-error.ts';
import { INERT, INERT_CUSTOM, type Named, resourceType } from './resource-types.ts';

/** One stack as `cdk synth` leaves it. */
export interface StackTemplate {
  readonly stackName: string;
  readonly template: unknown;
  /** The folder that holds the template and the assets of its functions. */
  readonly assembly?: string;
}

/** A live resource, its properties free of intrinsics. */
export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** The folder of the stack's assets, where there is one. */
  readonly assembly: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
  /** What `Ref` gives: its id, name, URL or ARN, as the type has it. */
  readonly ref: string;
  /** Its ARN; @throws InputError for a type that has none. */
  attribute(name: string): string;
}

export interface ReadTemplates {
  readonly resources: readonly Resource[];
  ofType(...types: string[]): readonly Resource[];
  /** `<stack>.<output>` -> value. */
  readonly outputs: Readonly<Record<string, string>>;
}

export interface Region {
  readonly region: string;
  readonly account: string;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (value: unknown): Json => (isObject(value) ? value : {});

/**
 * Reads synthesized CloudFormation templates. Whatever type or intrinsic it does not know it refuses by name: a template
 * that is half understood would be tested half.
 * @throws InputError `unknown-resource-type`, `unknown-intrinsic`, `unknown-reference`
 */
export function readTemplates(stacks: readonly StackTemplate[], where: Region): ReadTemplates {
  const readers = stacks.map((stack) => new StackReader(stack, where));
  const exported = (name: string): string => {
    for (const reader of readers) {
      const value = reader.exported(name);
      if (value !== undefined) return value;
    }
    throw fault('unknown-reference', `no stack exports ${JSON.stringify(name)}`);
  };
  for (const reader of readers) reader.importFrom(exported);
  const resources = readers.flatMap((reader) => reader.live());
  return {
    resources,
    ofType: (...types) => resources.filter(({ type }) => types.includes(type)),
    outputs: Object.assign({}, ...readers.map((reader) => reader.outputs())) as Record<string, string>,
  };
}

const fault = (code: string, message: string, path = ''): InputError =>
  new InputError({
    code,
    message,
    path,
    hint: 'the embedded cloud runs only what it understands: teach it in lib/local/cloud/template',
  });

class StackReader {
  readonly #name: string;
  readonly #assembly: string | undefined;
  readonly #template: Json;
  readonly #resources: Json;
  readonly #conditions: Json;
  readonly #where: Region;
  readonly #named = new Map<string, Named>();
  readonly #reading = new Set<string>();
  #import: (name: string) => string = () => '';

  constructor(stack: StackTemplate, where: Region) {
    const name = stack.stackName;
    const template = object(stack.template);
    this.#name = name;
    this.#assembly = stack.assembly;
    this.#template = template;
    this.#resources = object(template.Resources);
    this.#conditions = object(template.Conditions);
    this.#where = where;
    for (const section of ['Mappings', 'Transform']) {
      if (template[section] !== undefined) throw fault('unknown-intrinsic', `${name}: section ${section}`);
    }
    for (const [logicalId, resource] of Object.entries(this.#resources)) {
      const type = String(object(resource).Type);
      if (resourceType(type) === undefined) {
        throw fault(
          'unknown-resource-type',
          `${name}: ${logicalId} is a ${type}, a type it does not know`,
          `/Resources/${logicalId}`,
        );
      }
    }
  }

  importFrom(lookup: (name: string) => string): void {
    this.#import = lookup;
  }

  live(): Resource[] {
    return Object.entries(this.#resources).flatMap(([logicalId, raw]) => {
      const { Type, Condition } = object(raw);
      const type = String(Type);
      if (type in INERT || INERT_CUSTOM.includes(type)) return [];
      if (typeof Condition === 'string' && !this.#condition(Condition)) return [];
      const named = this.#described(logicalId);
      return [
        {
          stack: this.#name,
          logicalId,
          type,
          assembly: this.#assembly,
          properties: named.properties,
          ref: String(this.#ref(logicalId, logicalId)),
          attribute: (name: string) => this.#attribute(logicalId, name, logicalId),
        },
      ];
    });
  }

  exported(name: string): string | undefined {
    for (const output of Object.values(object(this.#template.Outputs))) {
      const exportName = object(object(output).Export).Name;
      if (exportName !== undefined && this.resolve(exportName, '/Outputs') === name) {
        return String(this.resolve(object(output).Value, '/Outputs'));
      }
    }
    return undefined;
  }

  outputs(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [name, output] of Object.entries(object(this.#template.Outputs))) {
      const { Condition, Value } = object(output);
      if (typeof Condition === 'string' && !this.#condition(Condition)) continue;
      found[`${this.#name}.${name}`] = String(this.resolve(Value, `/Outputs/${name}`));
    }
    return found;
  }

  resolve(value: unknown, path: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item, i) => this.resolve(item, `${path}/${i}`)).filter((item) => item !== undefined);
    }
    if (typeof value === 'string' && value.includes('{{resolve:')) {
      throw fault('unknown-intrinsic', `${this.#name}${path}: dynamic reference ${value}`, path);
    }
    if (!isObject(value)) return value;
    const [key, ...more] = Object.keys(value);
    if (key !== undefined && more.length === 0 && (key === 'Ref' || key === 'Condition' || key.startsWith('Fn::'))) {
      // A policy statement has a key "Condition" of its own, with an object inside; an intrinsic names one.
      if (key !== 'Condition' || typeof value.Condition === 'string') return this.#intrinsic(key, value[key], path);
    }
    const resolved: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(value)) {
      const result = this.resolve(item, `${path}/${name}`);
      if (result !== undefined) resolved[name] = result;
    }
    return resolved;
  }

  #intrinsic(name: string, argument: unknown, path: string): unknown {
    const args = () => this.resolve(argument, path) as unknown[];
    switch (name) {
      case 'Ref':
        return this.#ref(String(argument), path);
      case 'Condition':
        return this.#condition(String(argument));
      case 'Fn::GetAtt': {
        const [id, ...attribute] = (Array.isArray(argument) ? argument : String(argument).split('.')) as string[];
        return this.#attribute(String(id), attribute.join('.'), path);
      }
      case 'Fn::Join': {
        const [separator, parts] = args();
        return (parts as unknown[]).map(String).join(String(separator));
      }
      case 'Fn::Select': {
        const [index, list] = args();
        const chosen = (list as unknown[])[Number(index)];
        if (chosen === undefined)
          throw fault('unknown-reference', `${this.#name}${path}: Fn::Select finds nothing`, path);
        return chosen;
      }
      case 'Fn::Split': {
        const [separator, text] = args();
        return String(text).split(String(separator));
      }
      case 'Fn::Sub':
        return this.#sub(argument, path);
      case 'Fn::If': {
        const [condition, then, otherwise] = argument as unknown[];
        return this.resolve(this.#condition(String(condition)) ? then : otherwise, path);
      }
      case 'Fn::Equals':
        return String(args()[0]) === String(args()[1]);
      case 'Fn::Not':
        return !args()[0];
      case 'Fn::And':
        return args().every(Boolean);
      case 'Fn::Or':
        return args().some(Boolean);
      case 'Fn::ImportValue':
        return this.#import(String(this.resolve(argument, path)));
      default:
        throw fault('unknown-intrinsic', `${this.#name}${path}: ${name} is an intrinsic it does not know`, path);
    }
  }

  #sub(argument: unknown, path: string): string {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      const given = object(variables)[name];
      if (given !== undefined) return String(this.resolve(given, path));
      return String(name.includes('.') ? this.#intrinsic('Fn::GetAtt', name, path) : this.#ref(name, path));
    });
  }

  #condition(name: string): boolean {
    if (!(name in this.#conditions)) throw fault('unknown-reference', `${this.#name}: no condition ${name}`);
    return this.resolve(this.#conditions[name], `/Conditions/${name}`) === true;
  }

  #ref(name: string, path: string): unknown {
    const pseudo: Record<string, unknown> = {
      'AWS::Region': this.#where.region,
      'AWS::AccountId': this.#where.account,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.#name,
      'AWS::StackId': `arn:aws:cloudformation:${this.#where.region}:${this.#where.account}:stack/${this.#name}/local`,
      'AWS::NotificationARNs': [],
    };
    if (name === 'AWS::NoValue') return undefined;
    if (name in pseudo) return pseudo[name];
    const parameter = object(this.#template.Parameters)[name];
    if (parameter !== undefined) {
      const value = object(parameter).Default;
      if (value === undefined)
        throw fault('unknown-reference', `${this.#name}: parameter ${name} has no default`, path);
      return value;
    }
    return this.#type(name, path).ref(this.#described(name));
  }

  #attribute(logicalId: string, attribute: string, path: string): string {
    const type = this.#type(logicalId, path);
    const value = Object.hasOwn(type.attributes, attribute) ? type.attributes[attribute] : undefined;
    if (value === undefined) {
      const name = String(object(this.#resources[logicalId]).Type);
      throw fault('unknown-reference', `${this.#name}: Fn::GetAtt ${logicalId}.${attribute} of a ${name}`, path);
    }
    return value(this.#described(logicalId));
  }

  #type(logicalId: string, path: string) {
    const raw = this.#resources[logicalId];
    const type = raw === undefined ? undefined : resourceType(String(object(raw).Type));
    if (type === undefined)
      throw fault('unknown-reference', `${this.#name}${path}: nothing is called ${logicalId}`, path);
    return type;
  }

  /** Resolved once; a resource whose own properties lead back to it is a cycle that CloudFormation refuses too. */
  #described(logicalId: string): Named {
    const known = this.#named.get(logicalId);
    if (known) return known;
    if (this.#reading.has(logicalId)) throw fault('unknown-reference', `${this.#name}: ${logicalId} refers to itself`);
    this.#reading.add(logicalId);
    const raw = object(this.#resources[logicalId]);
    const type = String(raw.Type);
    // An inert resource is only ever mentioned by name: what else it says need not be understood.
    const inert = type in INERT || INERT_CUSTOM.includes(type);
    const properties = inert
      ? this.#names(raw, logicalId)
      : this.resolve(raw.Properties, `/Resources/${logicalId}/Properties`);
    const named = { logicalId, stack: this.#name, ...this.#where, properties: object(properties) };
    this.#reading.delete(logicalId);
    this.#named.set(logicalId, named);
    return named;
  }

  #names(raw: Json, logicalId: string): Json {
    const names = Object.entries(object(raw.Properties)).filter(
      ([property]) => property.endsWith('Name') || property === 'Name',
    );
    return object(this.resolve(Object.fromEntries(names), `/Resources/${logicalId}/Properties`));
  }
}
