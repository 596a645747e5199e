import { Command } from 'commander'
import t from 'tap'
import { addBench } from './bench.js'
import { addCheck } from './check.js'
import { addDemo } from './demo.js'
import { addEdge } from './edge.js'
import { addEnroll } from './enroll.js'
import { addExplain } from './explain.js'
import { addGateway } from './gateway.js'
import { ChineseCommand, refusalInChinese, widthOf } from './help.js'
import { helpInChinese } from './help-texts.js'
import { addKeys } from './keys.js'
import { addLists } from './lists.js'
import { addReplay } from './replay.js'
import { addRuleset } from './ruleset.js'
import { addShadowReport } from './shadow-report.js'
import { addSim } from './sim.js'
import { addTorture } from './torture.js'

const adders = [
  ...[addDemo, addEnroll, addGateway, addSim, addCheck, addReplay, addExplain, addShadowReport],
  ...[addRuleset, addKeys, addLists, addTorture, addBench],
  (program: Command) => addEdge(program, '0'),
]

/** Said by the program as a whole, or by the parser. */
const ofTheProgram = [
  'Runs unattended vehicle lanes at a land port: the edge daemon, its gateway, and simulators.',
  'output the version number',
  'display help for command',
  'zh-CN or en; without it as LANEKEEPER_LANG or the locale says',
]

function withAll(program: Command): Command {
  for (const add of adders) add(program)
  return program
}

function* sentencesOf(command: Command): Generator<string> {
  yield command.description()
  for (const { description } of [...command.options, ...command.registeredArguments]) yield description
  for (const sub of command.commands) yield* sentencesOf(sub)
}

t.test(
  'every sentence of the help exists in Chinese, and none is left of a sentence that is gone',
  async (t) => {
    const said = new Set([...ofTheProgram, ...sentencesOf(withAll(new Command('lanekeeper')))])
    said.delete('')
    t.same(
      [...said].filter((sentence) => !Object.hasOwn(helpInChinese, sentence)),
      [],
    )
    t.same(
      Object.keys(helpInChinese).filter((sentence) => !said.has(sentence)),
      [],
    )
  },
)

t.test('the help of any command is Chinese, in columns that hold wide letters', async (t) => {
  const program = withAll(new ChineseCommand('lanekeeper'))
  const find = program.commands
    .find((one) => one.name() === 'lists')
    ?.commands.find((one) => one.name() === 'find')
  const help = find?.createHelp()
  const text = find && help ? help.formatHelp(find, Object.assign(help, { helpWidth: 60 })) : ''
  t.match(text, /^用法： lanekeeper lists find \[options\] <text>$/m)
  t.match(text, /^ {2}--list <list> +只看此名单$/m)
  t.match(text, /^ {2}-h, --help +显示该命令的帮助$/m)
  for (const line of text.split('\n')) t.ok(widthOf(line) <= 60, line)
  t.equal(text.replace(/[^A-Za-z ]|lanekeeper lists find/g, '').includes('Display'), false)
  const replay = program.commands.find((one) => one.name() === 'replay')
  t.match(replay?.helpInformation(), /逐条列出的差异条数（默认 20）/)
})

t.test('what is wrong with a command line is said in Chinese', async (t) => {
  const said = async (...args: string[]) => {
    let text = ''
    const program = withAll(new ChineseCommand('lanekeeper'))
    const quiet = (command: Command) => {
      command.exitOverride()
      command.configureOutput({ writeErr: (words) => (text += words) })
      command.commands.forEach(quiet)
    }
    quiet(program)
    await program.parseAsync(args, { from: 'user' }).catch(() => undefined)
    return text
  }
  t.match(await said('raise'), /^错误：没有命令 raise/)
  t.match(await said('list'), /是否为 lists？/)
  t.match(await said('check'), /^错误：缺少参数 file/)
  t.match(await said('check', 'a', 'b'), /^错误：参数过多：应为 1 个，给出了 2 个。/)
  t.match(await said('edge'), /^错误：缺少选项 --config <file>/)
  t.match(await said('edge', '--config'), /^错误：选项 --config <file> 后缺少值/)
  t.match(await said('check', '--speed'), /^错误：没有选项 --speed/)
  t.match(await said('replay', 'x', '--show', 'many'), /^错误：选项 --show <number> 的值“many”无效：/)
  t.match(await said('lists', 'export', 'nothing'), /^错误：参数 list 的值“nothing”无效：/)
  t.match(await said('demo', '--language', 'fr'), /可选：zh-CN, en。/)
  t.match(await said('enroll', '--config', 'c', '--token', 'x', '--token-file', 'y'), /不能同用/)
  t.equal(refusalInChinese('something else'), 'something else')
})
