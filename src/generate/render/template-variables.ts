import type { Shape } from './view-shape.ts';

interface Node {
  type: string;
  loc: { start: { line: number } };
}
interface Path extends Node {
  original: string;
  data: boolean;
  depth: number;
  parts: string[];
}
interface Block extends Node {
  path: Path;
  params: Node[];
  hash?: { pairs: unknown[] };
  program?: Program;
  inverse?: Program;
}
export interface Program extends Node {
  body: Node[];
  blockParams?: string[];
}

const loopData = new Set(['index', 'key', 'first', 'last']);

/** A step into a shape; `undefined` where there is no such field. */
function into(shape: Shape, part: string): Shape | undefined {
  if (shape === 'value') return undefined;
  if ('items' in shape) return part === 'length' ? 'value' : undefined;
  return shape.fields.get(part);
}

/**
 * Everything in a parsed template that it may not say: names that the view does not have (strict mode misses those in
 * the arguments of `if` and `each`), blocks other than `if` and `each`, partials, lists printed as text. One sentence each,
 * with its line.
 */
export function templateComplaints(program: Program, view: Shape): string[] {
  const complaints: string[] = [];
  const complain = (node: Node, text: string): undefined => {
    complaints.push(`line ${node.loc.start.line}: ${text}`);
    return undefined;
  };

  function resolve(node: Node, scopes: readonly Shape[], named: ReadonlyMap<string, Shape>): Shape | undefined {
    if (node.type !== 'PathExpression') return complain(node, 'only names may be used here');
    const path = node as Path;
    const [first, ...rest] = path.parts;
    let shape: Shape | undefined;
    let steps = path.parts;
    if (path.data) {
      steps = rest;
      shape = first === 'root' ? view : first !== undefined && loopData.has(first) ? 'value' : undefined;
    } else if (path.depth === 0 && first !== undefined && named.has(first)) {
      steps = rest;
      shape = named.get(first);
    } else {
      shape = scopes[scopes.length - 1 - path.depth];
    }
    for (const step of steps) shape = shape && into(shape, step);
    return shape ?? complain(node, `nothing is called ${path.original} here`);
  }

  function visitBlock(block: Block, scopes: readonly Shape[], named: ReadonlyMap<string, Shape>): void {
    const kind = block.path.original;
    const [subject] = block.params;
    if ((kind !== 'if' && kind !== 'each') || block.params.length !== 1 || block.hash || !subject) {
      complain(block, `#${kind} is not allowed: only #if and #each, with one name`);
      return;
    }
    const shape = resolve(subject, scopes, named);
    if (block.inverse) visit(block.inverse, scopes, named);
    if (!block.program) return;
    if (kind === 'if') {
      visit(block.program, scopes, named);
      return;
    }
    if (shape === undefined) return;
    if (shape === 'value' || !('items' in shape)) {
      complain(block, '#each needs a list');
      return;
    }
    const [element, ...more] = block.program.blockParams ?? [];
    const inner = new Map(named);
    if (element !== undefined) inner.set(element, shape.items);
    for (const name of more) inner.set(name, 'value');
    visit(block.program, [...scopes, shape.items], inner);
  }

  function visit(inside: Program, scopes: readonly Shape[], named: ReadonlyMap<string, Shape>): void {
    for (const node of inside.body) {
      if (node.type === 'ContentStatement' || node.type === 'CommentStatement') continue;
      if (node.type === 'BlockStatement') {
        visitBlock(node as Block, scopes, named);
      } else if (node.type === 'MustacheStatement' && (node as Block).params.length === 0) {
        const shape = resolve((node as Block).path, scopes, named);
        if (shape !== undefined && shape !== 'value') complain(node, `${(node as Block).path.original} is no text`);
      } else {
        complain(node, 'only {{name}}, #if and #each are allowed');
      }
    }
  }

  visit(program, [view], new Map());
  return complaints;
}
