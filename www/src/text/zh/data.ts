/** A person's own data, and what stays in the browser for the next visit, in Chinese. */
import type { Text } from '../en';

export const importing: Text['importing'] = {
  title: '使用自己的数据',
  hint: '把 IJCAI-15 的 user_log_format1.csv 和 user_info_format1.csv 拖到页面任意位置，或点击选择：原文、gzip 或竞赛的 zip 均可，顺序不限。`moge prepare` 写出的 dataset.moge 也可以。',
  private: '不上传任何内容：文件只在这个标签页中读取，不会离开本机。',
  choose: '选择文件…',
  reading: '正在读取日志',
  building: '正在建立数据集及其图布局',
  rows: (rows: string) => `${rows} 行`,
  left: (time: string) => `还需 ${time}`,
  seconds: (seconds: number) => `${seconds} 秒`,
  minutes: (minutes: number) => `${minutes} 分钟`,
  cancel: '取消',
  preview: '将要使用的数据集',
  core: (users: string) =>
    `至多保留 ${users} 个用户：用户更多的日志，取其最活跃店铺的用户（稠密核心）。`,
  actions: (rows: string, clicks: string, carts: string, purchases: string, favourites: string) =>
    `共读取 ${rows} 行：点击 ${clicks}，加购 ${carts}，购买 ${purchases}，收藏 ${favourites}。`,
  noClicks:
    '日志中没有点击，无从得知用户看过而没有选择什么：每个正样本抽取 4 个没有任何行为的商品作为负样本。',
  few: '同时具有两种测试样本的用户不足 50 个，GAUC 会很粗略。请增加用户数，或提供更完整的日志。',
  use: '使用这个数据集',
  users: '用户数上限',
  again: '重新读取',
  discard: '放弃',
  broke:
    '读取中断：标签页内存不足，或其后台线程出错。请减少用户数，或在命令行用 `moge prepare --users 3000` 制作 dataset.moge 再拖到这里。',
};

export const kept: Text['kept'] = {
  title: '保存在此浏览器',
  keep: (size: string) => `留待下次访问（${size}）`,
  kept: (size: string) => `已保存在此浏览器（${size}）`,
  remove: '删除',
  removeTitle: '从此浏览器中删除保存的数据集',
  found: (name: string, size: string) => `上次访问留下的：${name}（${size}）`,
  open: '打开',
  run: (step: string, steps: string) =>
    `您离开时训练尚未结束：最近保存的状态是第 ${step} 步，共 ${steps} 步。`,
  resume: (step: string) => `从第 ${step} 步继续`,
  discard: '放弃',
  dismiss: '知道了',
  full: '浏览器给本页的空间已满。请删除保存的数据集，或清理磁盘空间',
  forbidden: (why: string) => `浏览器不允许本页保存内容（${why}）`,
  datasetRefused: (why: string) => `数据集没有保存：${why}。本次访问仍可使用。`,
  runRefused: (why: string) =>
    `本次训练不能留待下次访问：${why}。训练照常进行，完成前请不要关闭标签页。`,
};
