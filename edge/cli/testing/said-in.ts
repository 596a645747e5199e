import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** Members and constants whose text a person reads. */
const names = /^(message|error|detail|problem)$|remed(y|ies)$/i

/** Functions that answer with such a text. */
const answers = new Set(['objectionTo'])

/** Calls that take a text for a person, and from which of their arguments on. */
const calls: Readonly<Record<string, number>> = {
  bad: 1,
  wrong: 1,
  LanekeeperError: 1,
  InvalidArgumentError: 0,
  cannotTell: 0,
  notKept: 3,
}

/** The same of what a schema is asked for. */
const methods: ReadonlyMap<string, number> = new Map([['regex', 1]])

/**
 * Every sentence for a person that a source says in English, with {0}, {1} for its values: texts of problems and
 * errors, and what is `told`. Found in the syntax, so that one that is added is found as well.
 */
export function sentencesSaidIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true)
  const found: string[] = []
  const take = (node: ts.Node | undefined): void => {
    if (!node) return
    if (ts.isStringLiteralLike(node)) found.push(node.text)
    else if (ts.isTemplateExpression(node))
      found.push(
        node.templateSpans.reduce((text, span, n) => `${text}{${n}}${span.literal.text}`, node.head.text),
      )
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(take)
    else if (ts.isBinaryExpression(node)) [node.left, node.right].forEach(take)
    else if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) take(node.expression)
    else if (ts.isObjectLiteralExpression(node))
      for (const member of node.properties) if (ts.isPropertyAssignment(member)) take(member.initializer)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'told') take(node.template)
    if ((ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && names.test(node.name.getText()))
      take(node.initializer)
    if (ts.isFunctionDeclaration(node) && answers.has(node.name?.text ?? '')) returnsOf(node).forEach(take)
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const { expression } = node
      const from = ts.isPropertyAccessExpression(expression)
        ? methods.get(expression.name.text)
        : calls[expression.getText()]
      if (from !== undefined) node.arguments?.slice(from).forEach(take)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found.filter((text) => /[a-z]/.test(text.replace(/\{\d+\}/g, '')))
}

function returnsOf(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = []
  const visit = (inner: ts.Node): void => {
    if (ts.isReturnStatement(inner) && inner.expression) found.push(inner.expression)
    ts.forEachChild(inner, visit)
  }
  visit(node)
  return found
}
