/** 关于使用训练好的模型的文字：为用户-商品对打分、推荐商品。 */
import type { serving as en } from '../en/serving';

export const serving: typeof en = {
  title: '使用这个模型',
  untrained: '这个模型还没有训练：它的打分没有意义。',
  of: (run: string, step: string) => `${run}，第 ${step} 步`,
  pairs: '为用户-商品对打分',
  pairsHint:
    '粘贴若干行，或拖入一个 CSV 文件：user_id、item_id，知道的话再加上 cat_id、seller_id、brand_id、age_range、gender。不会上传任何内容。',
  pairsLabel: 'CSV 格式的用户-商品对',
  example: '当前选中的一对',
  file: '选择文件…',
  score: '打分',
  scoring: '正在打分…',
  shown: (shown: string, all: string) => `显示 ${all} 行中的 ${shown} 行；下载的文件包含全部。`,
  rows: (all: number) => `共 ${all} 行。`,
  download: '下载 CSV',
  fileName: 'scores.csv',
  unseen: '未见过',
  unseenWhy: '训练中没有出现过：只凭属性和邻居打分。',
  line: '行',
  probability: (of: string) => `${of}概率`,
  recommend: '推荐商品',
  userId: '用户 id',
  count: '数量',
  task: '按任务',
  go: '推荐',
  rank: '名次',
  reasons: '理由',
  degree: 'G 中的边数',
  wrongUser: '用户 id 必须是整数。',
};
