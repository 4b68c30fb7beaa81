import { bodyText, type Call, header, queryPairs } from './call.ts';
import { contextVariable } from './context.ts';

const REFERENCE =
  /\$(?:context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)|input\.params\(['"]([^'"]+)['"]\)|(input\.body|input\.json\(['"]\$['"]\))|stageVariables\.(\w+))/g;
/** Velocity beyond substitution: directives, and references that were not taken by the pattern above. */
const BEYOND = /#(?:set|if|elseif|else|end|foreach|macro|include|parse|stop|#|\*)|\$!?\{?[a-zA-Z]/;

type Piece = string | ((call: Call) => string);

/**
 * The part of Velocity that plain templates use: `$context.x`, `$input.params('x')`, `$input.body`, `$stageVariables.x`.
 * @throws Error naming what it does not know
 */
export function compileTemplate(template: string, where: string): (call: Call) => string {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of template.matchAll(REFERENCE)) {
    pieces.push(checked(template.slice(from, found.index), where), reference(found));
    from = found.index + found[0].length;
  }
  pieces.push(checked(template.slice(from), where));
  return (call) => pieces.map((piece) => (typeof piece === 'string' ? piece : piece(call))).join('');
}

function checked(text: string, where: string): string {
  const beyond = BEYOND.exec(text);
  if (beyond)
    throw new Error(
      `${where}: the embedded cloud does not know ${JSON.stringify(text.slice(beyond.index, beyond.index + 20))} in a mapping template`,
    );
  return text;
}

function reference([, context, parameter, body, stageVariable]: RegExpMatchArray): (call: Call) => string {
  if (context !== undefined) {
    const read = contextVariable(context);
    return (call) => String(read(call) ?? '');
  }
  if (parameter !== undefined) return (call) => requestParameter(call, parameter) ?? '';
  if (body !== undefined) return (call) => bodyText(call.request) ?? '';
  return (call) => call.stageVariables?.[stageVariable ?? ''] ?? '';
}

/** Path, then query string, then header, as `$input.params` looks. */
function requestParameter(call: Call, name: string): string | undefined {
  return (
    call.match?.pathParameters?.[name] ??
    queryPairs(call.query).find(([key]) => key === name)?.[1] ??
    header(call.request, name.toLowerCase())
  );
}
