import { Command, Help, type Argument, type Option } from 'commander'
import { helpInChinese } from './help-texts.js'

/** What the argument parser says by itself. */
const titles: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Global Options:': '全局选项：',
  'Commands:': '命令：',
}

/** How the argument parser refuses a command line, first match first. */
const refusals: readonly (readonly [pattern: RegExp, chinese: string])[] = [
  [/unknown option '(.*?)'/, '没有选项 $1'],
  [/unknown command '(.*?)'/, '没有命令 $1'],
  [/missing required argument '(.*?)'/, '缺少参数 $1'],
  [/required option '(.*?)' not specified/, '缺少选项 $1'],
  [/option '(.*?)' argument missing/, '选项 $1 后缺少值'],
  [/option '(.*?)' cannot be used with option '(.*?)'/, '选项 $1 与 $2 不能同用'],
  [/option '(.*?)' argument '(.*?)' is invalid\./, '选项 $1 的值“$2”无效：'],
  [/command-argument value '(.*?)' is invalid for argument '(.*?)'\./, '参数 $2 的值“$1”无效：'],
  [
    /too many arguments(?: for '(.*?)')?\. Expected (\d+) arguments? but got (\d+)\./,
    '参数过多：应为 $2 个，给出了 $3 个。',
  ],
  [/Allowed choices are (.*)\./, '可选：$1。'],
  [/\(Did you mean one of (.*)\?\)/, '（是否为 $1？）'],
  [/\(Did you mean (.*)\?\)/, '（是否为 $1？）'],
  [/^error: /, '错误：'],
]

/** A command, and all that are added to it, whose help and refusals are Chinese. */
export class ChineseCommand extends Command {
  constructor(name?: string) {
    super(name)
    this.configureOutput({ outputError: (text, write) => write(refusalInChinese(text)) })
  }

  override createCommand(name?: string): Command {
    return new ChineseCommand(name)
  }

  override createHelp(): Help {
    return Object.assign(new ChineseHelp(), this.configureHelp())
  }
}

/** The refusal of a command line as it is said in Chinese; what is not known stays as it is. */
export function refusalInChinese(text: string): string {
  return refusals.reduce((said, [pattern, chinese]) => said.replace(pattern, chinese), text)
}

/** Help with Chinese words, wrapped at any Chinese letter, which is as wide as two others. */
class ChineseHelp extends Help {
  override styleTitle(title: string): string {
    return titles[title] ?? title
  }

  override commandDescription(command: Command): string {
    return inChinese(super.commandDescription(command))
  }

  override subcommandDescription(command: Command): string {
    return inChinese(super.subcommandDescription(command))
  }

  override optionDescription(option: Option): string {
    return described(option, super.optionDescription(option))
  }

  override argumentDescription(argument: Argument): string {
    return described(argument, super.argumentDescription(argument))
  }

  override displayWidth(text: string): number {
    return widthOf(text)
  }

  override boxWrap(text: string, width: number): string {
    if (width < this.minWidthToWrap) return text
    return text
      .split('\n')
      .flatMap((line) => wrapped(line, width))
      .join('\n')
  }
}

function inChinese(english: string): string {
  return helpInChinese[english] ?? english
}

/** The words of an option or argument, and what the parser adds to them: default and choices. */
function described({ description }: Option | Argument, whole: string): string {
  const added = whole.slice(description.length).trim()
  const said = added
    .replace(/^\((.*)\)$/, '（$1）')
    .replace('default: ', '默认 ')
    .replace('choices: ', '可选 ')
  return `${inChinese(description)}${said}`
}

/** Letters that a terminal shows as wide as two others (Unicode, East Asian width W and F). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/u

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const letter of text) width += wide.test(letter) ? 2 : 1
  return width
}

/** Pieces that stay together: a word with the blank before it, or one wide letter with the closing mark behind it. */
const pieces = /\s*(?:[^\s\u1100-\uffe6]+|[^\s][，。、；：！？）”]*)/gu

function wrapped(line: string, width: number): string[] {
  const lines: string[] = []
  let now = ''
  for (const piece of line.match(pieces) ?? ['']) {
    if (now !== '' && widthOf(now) + widthOf(piece) > width) {
      lines.push(now)
      now = piece.trimStart()
    } else now += piece
  }
  return [...lines, now]
}
