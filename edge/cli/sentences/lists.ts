/** Of `lanekeeper lists`, and of planned changes of lists. */
export const listSentences = {
  '{0} does not take this link ({1}): it works once, ask for a new one':
    '{0} 不接受此链接（{1}）：链接只能用一次，请另取一个',
  '{0} does not keep {1} version {2}: {3}': '{0} 未保存 {1} 的版本 {2}：{3}',
  'name one place: --edge, --gateway or --link': '请指定一处：--edge、--gateway 或 --link',
  'signatures are kept at an edge: name --edge, whose folder has trust.json':
    '签名保存在边缘端：请用 --edge 指定含 trust.json 的文件夹',
  'name one place, or two of --edge, --gateway and --link': '请指定 --edge、--gateway、--link 中的一处或两处',
  'more than {0} entries': '条目超过 {0} 个',
  '{0} has no list {1}': '{0} 中没有名单 {1}',
  'it is larger than 128 MB.': '文件超过 128 MB。',
  'Plan the change in several files.': '请将变更分成几个文件。',
  'it cannot be read: {0}': '无法读取：{0}',
  'Name a file that is there.': '请给出存在的文件。',
  'Write an entry as the lists have it, or {"delete": LIST, "key": KEY}.':
    '请按名单的格式写条目，或写 {"delete": 名单, "key": 键}。',
} as const
