import { textOf, type Language } from '../../messages/text/catalogue.js'
import { obligationsOf, type Rule } from './rule.js'
import { rules, rulesetVersion } from './ruleset.js'

/**
 * The decision table as it is published: written from the rules themselves, in Chinese and English, with the
 * names of the tests that hold each row. Nobody writes it by hand, and a test says when it is out of date.
 */

/** A row of the table that is no rule of its own: what it says answers another row. */
export interface AnsweringRow {
  readonly row: number
  readonly code: string
  readonly applies: string
  readonly condition: string
  readonly conditionZh: string
  /** The row that it answers. */
  readonly answers: number
  readonly source: string
}

export const answeringRows: readonly AnsweringRow[] = [
  {
    row: 55,
    code: 'SEAL-OK',
    applies: 'RO,SI L',
    condition: 'inspected inland and sealed (straight release), and every seal verified',
    conditionZh: '内地已查验并施封（直通放行），且签封核验全部相符',
    answers: 32,
    source: 'domain.md 6.2 row 55',
  },
]

/** The rows of the table, in order: 1 to 77. */
export function rowsOfTable(): number[] {
  const rows = [...rules.map((rule) => rule.row), ...answeringRows.map((answering) => answering.row)]
  return [...new Set(rows)].sort((a, b) => a - b)
}

/** What the tests of a rule's three cases are called: one each for true, false and unknown. */
export function caseNamesOf({ id, condition }: Pick<Rule, 'id' | 'condition'>): readonly string[] {
  return [
    `rule ${id} speaks when ${condition}`,
    `rule ${id} is silent otherwise`,
    `rule ${id}: what it needs is unknown`,
  ]
}

/** A test beside those of the three cases, and the rows that it holds. */
export interface RowTest {
  readonly file: string
  readonly name: string
  readonly rows: readonly number[]
}

/** The whole document, as Markdown. */
export function decisionTable(language: Language, tests: readonly RowTest[]): string {
  const words = wordsOf[language]
  const lines = [
    `# ${words.title}`,
    '',
    ...words.intro,
    '',
    ...phases.flatMap((phase) => [`## ${phase[language]}`, '', ...rowsOf(phase, language), '']),
    `## ${words.tests}`,
    '',
    ...words.testsIntro,
    '',
    ...rowsOfTable().flatMap((row) => testsOf(row, tests)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

interface Phase extends Readonly<Record<Language, string>> {
  readonly from: number
  readonly to: number
}

const phases: readonly Phase[] = [
  { from: 1, to: 6, 'zh-CN': '0 通道守卫与卫生', en: '0 Lane guard and health' },
  { from: 7, to: 17, 'zh-CN': '1 身份', en: '1 Identity' },
  { from: 18, to: 26, 'zh-CN': '2 布控与抽查', en: '2 Control orders and sampling' },
  { from: 27, to: 40, 'zh-CN': '3 申报与各机构裁定', en: '3 Declarations and rulings of agencies' },
  { from: 41, to: 49, 'zh-CN': '4 检疫', en: '4 Quarantine' },
  { from: 50, to: 58, 'zh-CN': '5 签封、活畜、溯源与适载', en: '5 Seals, living goods, tracing and fitness' },
  { from: 59, to: 63, 'zh-CN': '6 重量', en: '6 Weight' },
  { from: 64, to: 67, 'zh-CN': '7 费用与提醒', en: '7 Fees and reminders' },
  { from: 68, to: 72, 'zh-CN': '8 系统', en: '8 System' },
  { from: 73, to: 77, 'zh-CN': '9 放行', en: '9 Otherwise: release' },
]

function rowsOf({ from, to }: Phase, language: Language): string[] {
  const { head } = wordsOf[language]
  const inPhase = ({ row }: { readonly row: number }) => row >= from && row <= to
  const lines = [
    ...rules.filter(inPhase).map((rule) => ({ row: rule.row, cells: cellsOf(rule, language) })),
    ...answeringRows.filter(inPhase).map((row) => ({ row: row.row, cells: answeringCells(row, language) })),
  ].sort((a, b) => a.row - b.row)
  return [head, head.map(() => '---'), ...lines.map((line) => line.cells)].map(asLine)
}

function cellsOf(rule: Rule, language: Language): string[] {
  const words = wordsOf[language]
  return [
    rule.id,
    rule.code,
    appliesTo(rule),
    bothOf(rule, language),
    outcomeOf(rule, language),
    rule.unknown === null ? words.alwaysKnown : `${words.outcomes['escalate'] ?? ''} ${rule.unknown}`,
    textOf(`reason.${rule.code}`, language),
    promptOf(rule, language),
    rule.source,
  ]
}

function answeringCells(row: AnsweringRow, language: Language): string[] {
  const words = wordsOf[language]
  return [
    String(row.row),
    row.code,
    row.applies,
    bothOf(row, language),
    `${words.answers} ${row.answers}`,
    words.notAnswered,
    '-',
    '-',
    row.source,
  ]
}

/** Which lanes and loads: the words of the table itself. */
function appliesTo({ crossings, loads }: Rule): string {
  const where = crossings === 'all' ? '*' : crossings.join(',')
  return loads === 'all' ? where : `${where} ${loads.join(',')}`
}

/** Both languages stand in both documents, so that either can be held against the other. */
function bothOf(
  { condition, conditionZh }: Pick<Rule, 'condition' | 'conditionZh'>,
  language: Language,
): string {
  return language === 'en' ? `${condition}<br>${conditionZh}` : `${conditionZh}<br>${condition}`
}

function outcomeOf(rule: Rule, language: Language): string {
  const words = wordsOf[language]
  const outcome = words.outcomes[rule.safety === true ? 'safety' : rule.outcome] ?? rule.outcome
  const more = [
    ...obligationsOf(rule).map((name) => `${words.toDo} ${textOf(`obligation.${name}`, language)}`),
    ...(rule.advisory === undefined
      ? []
      : [`${words.advice} ${textOf(`advisory.${rule.advisory}`, language)}`]),
    ...(rule.orders === 'silent' ? [words.silent] : []),
  ]
  return [outcome, ...more].join('<br>')
}

function promptOf({ outcome, advisory, prompt }: Rule, language: Language): string {
  const words = wordsOf[language]
  if (outcome !== 'none') return textOf(prompt, language)
  if (advisory === undefined || prompt === 'prompt.release') return words.unchanged
  return `${words.then} ${textOf(prompt, language)}`
}

/** The cases, and whatever else a test says of the row. */
function testsOf(row: number, tests: readonly RowTest[]): string[] {
  const cases = rules
    .filter((rule) => rule.row === row)
    .flatMap((rule) => caseNamesOf(rule).map((name) => ({ file: 'rules.test.ts', name })))
  const more = tests.filter((test) => test.rows.includes(row))
  const lines = [...cases, ...more].map(({ file, name }) => `- \`${file}\` ${inText(name)}`)
  return [`### ${row}`, '', ...lines, '']
}

function asLine(cells: readonly string[]): string {
  return `| ${cells.map(inText).join(' | ')} |`
}

/** What would be a mark of Markdown in a table is only itself. */
function inText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*')
}

interface Words {
  readonly title: string
  readonly intro: readonly string[]
  readonly head: readonly string[]
  readonly tests: string
  readonly testsIntro: readonly string[]
  readonly outcomes: Readonly<Record<string, string>>
  readonly alwaysKnown: string
  readonly answers: string
  readonly notAnswered: string
  readonly toDo: string
  readonly advice: string
  readonly silent: string
  readonly unchanged: string
  readonly then: string
}

const wordsOf: Readonly<Record<Language, Words>> = {
  en: {
    title: 'The decision table',
    intro: [
      `Ruleset \`${rulesetVersion}\`. Written by \`npm run decision-table\` from the rules in \`edge/domain/decision\`;`,
      'do not edit. [中文](decision-table.zh-CN.md)',
      '',
      'All rules are looked at; none stops the others. The strongest outcome wins: safety escalation, lock, hold,',
      'escalation, disinfection, release. The primary reason is the lowest row that gave it. What is missing or cannot be',
      'told counts where the lane needs it, and then it escalates with the code under "If unknown"; what speaks against a',
      'vehicle always counts. Nobody is released because no rule objected: rows 73 to 77 ask for everything once more.',
      '',
      'Lanes: RI road in, RO road out, SI sea gate in (towards the ship), SO sea gate out; `*` all. L laden, E empty',
      'container, V no container.',
    ],
    head: [
      'Rule',
      'Code',
      'Lanes',
      'Condition',
      'Outcome',
      'If unknown',
      'The officer reads',
      'The driver sees',
      'Source',
    ],
    tests: 'Tests, row by row',
    testsIntro: [
      'Of each rule one case in which it speaks, one in which it does not, and one in which what it needs is unknown; then',
      'the tests of bounds and combinations. Files are in `edge/domain/decision`.',
    ],
    outcomes: {
      safety: 'safety escalation',
      lock: 'lock',
      hold: 'hold',
      escalate: 'escalate',
      disinfect: 'disinfect',
      release: 'release',
      none: '-',
    },
    alwaysKnown: 'always known',
    answers: 'answers row',
    notAnswered: 'does not answer it',
    toDo: 'to do:',
    advice: 'advice:',
    silent: 'silent alert',
    unchanged: 'unchanged',
    then: 'after the release:',
  },
  'zh-CN': {
    title: '判定规则表',
    intro: [
      `规则集 \`${rulesetVersion}\`。由 \`npm run decision-table\` 根据 \`edge/domain/decision\` 中的规则生成，请勿手工修改。`,
      '[English](decision-table.md)',
      '',
      '全部规则均参与判断，互不中断。取最强结果：安全转人工、上锁、转查验、转人工、消毒、放行；主因为给出该结果的最小行号。',
      '缺失或不明的信息，仅当通道需要时才计入，按“不明时”一栏转人工；对车辆不利的信息始终计入。',
      '无规则反对并不等于放行：第 73 至 77 行会再次逐项确认全部条件。',
      '',
      '通道：RI 公路入境，RO 公路出境，SI 海港进港（向船），SO 海港出港；`*` 全部。L 重车，E 空箱，V 无箱。',
    ],
    head: ['规则', '代码', '通道', '条件', '结果', '不明时', '关员所见', '司机所见', '来源'],
    tests: '逐行测试',
    testsIntro: [
      '每条规则各有成立、不成立、不明三例，其后为界限与组合的测试。文件位于 `edge/domain/decision`，测试名为英文原名。',
    ],
    outcomes: {
      safety: '安全转人工',
      lock: '上锁',
      hold: '转查验',
      escalate: '转人工',
      disinfect: '消毒后放行',
      release: '放行',
      none: '-',
    },
    alwaysKnown: '总是可知',
    answers: '满足行号',
    notAnswered: '不予满足',
    toDo: '待办：',
    advice: '提示：',
    silent: '静默警示',
    unchanged: '不变',
    then: '放行后：',
  },
}
