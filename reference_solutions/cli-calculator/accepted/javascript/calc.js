#!/usr/bin/env -S node --max-old-space-size=160
'use strict';
// A calculator with exact rational numbers (pairs of BigInt). See README.md.
const fs = require('fs');

const HELP = `usage: calc EXPRESSION...      print the result of each argument
       calc                    read expressions from standard input, one a line
       calc --file PATH        read expressions from a file, one a line
       calc --interactive      a dialogue; ends with Ctrl-D
       calc --help             print this help

After -- every argument is an expression: calc -- '-3 + 5'
Operators: ^ (power), signs + and -, then * / %, then + and -; parentheses.
In input read by lines, blank lines and lines that begin with # are skipped.
Exit codes: 0 all right, 1 an expression is wrong, 2 mistake of usage, 130 Ctrl-C.
`;

const MAX_EXPONENT = 10000n;
const MAX_BITS = 2000000;           // of one numerator or denominator (600,000 digits)
const MAX_LIVE_BITS = 256000000;    // of all numbers waiting in one expression (32 MB)
const MAX_MILLISECONDS = 1200;      // of processor time for one expression
const MAX_WAIT = 3000;              // and milliseconds on the wall
const MAX_LINE_BYTES = 1 << 20;

class CalcError extends Error {
  constructor(message, index) { super(message); this.index = index; }   // index: only syntax errors
}

// ---------------------------------------------------------------- syntax

// Reads an expression into reverse Polish notation. There is no recursion, so depth is no matter.
const BLANKS = /[ \t]*/y;
const NUMBERLIKE = /[0-9.](?:[\p{L}\p{M}\p{N}_.]|,(?=[0-9]))*/uy;
const NAME = /\p{L}[\p{L}\p{M}\p{N}_]*/uy;
const ANY = /[^]/uy;
const NUMBER = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/;

function match(regex, text, at) {
  regex.lastIndex = at;
  const found = regex.exec(text);
  return found ? found[0] : '';
}

const BINARY = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 4 };
const SIGN = 3;

function show(thing) {
  if (thing.length > 60) thing = thing.slice(0, 60).replace(/[\ud800-\udbff]$/, '') + '…';
  return "'" + thing.replace(/[\p{C}\p{Z}]/gu, c => c === ' ' ? c
    : 'U+' + c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')) + "'";
}

function parse(text) {
  const output = [];
  const stack = [];                 // of {op, level}; '(' has level 0
  let operand = true;               // is an operand expected?
  let open = 0;
  let end = 0;                      // after the last character that is not blank
  let at = match(BLANKS, text, 0).length;
  const pop = level => {
    while (stack.length && stack[stack.length - 1].level >= level) output.push(stack.pop().op);
  };
  while (at < text.length) {
    let thing, kind;
    if ((thing = match(NUMBERLIKE, text, at))) kind = NUMBER.test(thing) ? 'number' : 'malformed';
    else if ((thing = match(NAME, text, at))) kind = 'name';
    else { thing = match(ANY, text, at); kind = 'other'; }

    if (kind === 'malformed') throw new CalcError(`malformed number ${show(thing)}`, at);
    if (kind === 'name') throw new CalcError(`unknown name '${thing}'`, at);
    if (operand) {
      if (kind === 'number') { output.push(literal(thing)); operand = false; }
      else if (thing === '(') { stack.push({ op: '(', level: 0 }); open++; }
      else if (thing === '+' || thing === '-') stack.push({ op: thing === '-' ? 'neg' : 'pos', level: SIGN });
      else if (thing === '\ufffd') throw new CalcError('this is no UTF-8', at);
      else throw new CalcError(`${show(thing)} where a number should be`, at);
    } else if (kind === 'other' && Object.hasOwn(BINARY, thing)) {
      const level = BINARY[thing];
      pop(thing === '^' ? level + 1 : level);
      stack.push({ op: thing, level });
      operand = true;
    } else if (thing === ')' && open) {
      pop(1);
      stack.pop();
      open--;
    } else if (thing === '\ufffd') throw new CalcError('this is no UTF-8', at);
    else throw new CalcError(`${show(thing)} where an operator should be`, at);
    end = at + thing.length;
    at = end + match(BLANKS, text, end).length;
  }
  if (operand) throw new CalcError(end ? 'the expression ends too early' : 'the expression is empty', end);
  if (open) throw new CalcError("a ')' is missing", end);
  pop(1);
  return output;
}

// ---------------------------------------------------------------- numbers

// A number is {n, d, mark}, d > 0. It is not always in lowest terms: reducing waits until the
// denominator has doubled (mark: its bits when it was last reduced). Nothing depends on lowest terms.
const abs = x => x < 0n ? -x : x;
const bits = x => x.toString(16).length * 4;    // an upper bound

let deadline = 0, wallDeadline = 0;
const clock = () => { const used = process.cpuUsage(); return (used.user + used.system) / 1000; };
const late = () => clock() > deadline || Date.now() > wallDeadline;
const tooLarge = () => new CalcError('the numbers are too large');

// Lehmer's algorithm. Returns 1 where there is no time left, which is a common divisor too.
function gcd(a, b) {
  if (a < b) [a, b] = [b, a];
  if (b === 0n) return a;
  a = a % b;
  [a, b] = [b, a];
  let n = bits(a);
  for (let count = 0; b !== 0n; count++) {
    if (count % 256 === 255 && late()) return 1n;
    let top;
    while ((top = a >> BigInt(Math.max(0, n - 50))) === 0n) n -= 50;
    if (n > 50) n -= 50 - top.toString(2).length;
    if (n <= 50) {
      let x = Number(a), y = Number(b);
      while (y) [x, y] = [y, x % y];
      return BigInt(x);
    }
    const shift = BigInt(n - 50);
    let x = Number(a >> shift), y = Number(b >> shift);
    let A = 1, B = 0, C = 0, D = 1;
    while (y + C !== 0 && y + D !== 0) {
      const q = Math.floor((x + A) / (y + C));
      if (q !== Math.floor((x + B) / (y + D))) break;
      [A, C] = [C, A - q * C];
      [B, D] = [D, B - q * D];
      [x, y] = [y, x - q * y];
    }
    if (B === 0) [a, b] = [b, a % b];
    else [a, b] = [BigInt(A) * a + BigInt(B) * b, BigInt(C) * a + BigInt(D) * b];
  }
  return a;
}

function reduce(x) {
  if (x.d === 1n) return x;
  const g = gcd(abs(x.n), x.d);
  const d = x.d / g;
  return { n: x.n / g, d, mark: bits(d) };
}

function make(n, d, mark) {
  if (d < 0n) { n = -n; d = -d; }
  if (n === 0n) d = 1n;
  let x = { n, d, mark };
  if (d !== 1n && bits(d) > 2 * mark + 512) x = reduce(x);
  if (bits(x.n) > MAX_BITS || bits(x.d) > MAX_BITS) throw tooLarge();
  return x;
}

function literal(text) {
  const [whole, fraction = ''] = text.split('.');
  return { n: BigInt(whole + fraction), d: fraction ? 10n ** BigInt(fraction.length) : 1n, mark: 0 };
}

function power(a, b) {
  if (b.n % b.d !== 0n || abs(b.n / b.d) > MAX_EXPONENT) {
    throw new CalcError('the exponent must be a whole number from -10000 to 10000');
  }
  const exponent = b.n / b.d;
  if (exponent === 0n) return { n: 1n, d: 1n, mark: 0 };
  if (a.n === 0n) {
    if (exponent < 0n) throw new CalcError('division by zero');
    return a;
  }
  a = reduce(a);
  const e = abs(exponent);
  for (const part of [abs(a.n), a.d]) {
    if (part > 1n && (bits(part) - 3) * Number(e) > MAX_BITS) throw tooLarge();
  }
  const n = a.n ** e, d = a.d ** e;
  // n and d have no common divisor: no need to look for one
  return exponent > 0n ? make(n, d, bits(d)) : make(d, n, bits(n));
}

function apply(op, a, b) {
  const mark = Math.max(a.mark, b.mark);
  switch (op) {
    case '+':
    case '-': {
      const n = op === '+' ? b.n : -b.n;
      if (a.d === b.d) return make(a.n + n, a.d, mark);
      return make(a.n * b.d + n * a.d, a.d * b.d, mark);
    }
    case '*':
      return make(a.n * b.n, a.d * b.d, mark);
    case '/':
      if (b.n === 0n) throw new CalcError('division by zero');
      return make(a.n * b.d, a.d * b.n, mark);
    case '%': {
      if (b.n === 0n) throw new CalcError('division by zero');
      const y = b.n * a.d;
      let rest = (a.n * b.d) % y;
      if (rest !== 0n && (rest < 0n) !== (y < 0n)) rest += y;
      return make(rest, a.d * b.d, mark);
    }
    default:
      return power(a, b);
  }
}

function evaluate(items) {
  const stack = [];
  let live = 0;
  for (const item of items) {
    if (item === 'pos') continue;
    if (item === 'neg') {
      const a = stack.pop();
      stack.push({ n: -a.n, d: a.d, mark: a.mark, size: a.size });
      continue;
    }
    let x;
    if (typeof item === 'string') {
      if (late()) throw new CalcError('the calculation takes too long');
      const b = stack.pop(), a = stack.pop();
      live -= a.size + b.size;
      x = apply(item, a, b);
    } else x = item;
    const size = bits(x.n) + bits(x.d);
    live += size;
    if (live > MAX_LIVE_BITS) throw tooLarge();
    stack.push({ n: x.n, d: x.d, mark: x.mark, size });
  }
  return stack[0];
}

const PLACES = 20;

function format({ n, d }) {
  if (n % d === 0n) return (n / d).toString();
  const scaled = abs(n) * 10n ** BigInt(PLACES);
  let q = scaled / d;
  const twice = 2n * (scaled - q * d);
  if (twice > d || (twice === d && q % 2n === 1n)) q += 1n;
  if (q === 0n) return '0';
  const digits = q.toString().padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  return (n < 0n ? '-' : '') + digits.slice(0, -PLACES) + (fraction && '.' + fraction);
}

function calculate(text) {
  deadline = clock() + MAX_MILLISECONDS;
  wallDeadline = Date.now() + MAX_WAIT;
  return format(evaluate(parse(text)));
}

// ---------------------------------------------------------------- output

// Everything is written at once and in order. Results are gathered a little, errors never overtake them.
let exitCode = 0;
let gathered = [];
let gatheredLength = 0;

function write(fd, text) {
  const data = Buffer.from(text);
  for (let done = 0; done < data.length;) {
    try {
      done += fs.writeSync(fd, data, done);
    } catch (error) {
      if (error.code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      else if (fd === 2) return;
      else if (error.code === 'EPIPE') process.exit(exitCode);
      else fail(`cannot write the output (${error.code})`);
    }
  }
}

function flush() {
  if (!gatheredLength) return;
  const text = gathered.join('');
  gathered = [];
  gatheredLength = 0;
  write(1, text);
}

function print(text) {
  gathered.push(text);
  gatheredLength += text.length;
  if (gatheredLength > 32768) flush();
}

function complain(message) {
  flush();
  write(2, `error: ${message}\n`);
}

function fail(message) {
  gatheredLength = 0;
  complain(message);
  process.exit(2);
}

function answer(text, line) {
  try {
    print(calculate(text) + '\n');
  } catch (error) {
    exitCode = 1;
    const where = line ? [`line ${line}`] : [];
    let message = 'the numbers are too large';
    if (error instanceof CalcError) {
      message = error.message;
      // columns count characters, not the halves of those beyond U+FFFF
      if (error.index !== undefined) where.push(`column ${Array.from(text.slice(0, error.index)).length + 1}`);
    }
    complain((where.length ? where.join(', ') + ': ' : '') + message);
  }
}

// ---------------------------------------------------------------- input

// Calls each(bytes, cut) for each line of a stream; what a line has beyond MAX_LINE_BYTES is dropped.
async function eachLine(stream, each, pause) {
  let parts = [], length = 0, cut = false;
  const add = part => {
    if (length + part.length > MAX_LINE_BYTES) {
      part = part.subarray(0, MAX_LINE_BYTES - length);
      cut = true;
    }
    if (part.length) parts.push(part);
    length += part.length;
  };
  const finish = () => {
    const line = Buffer.concat(parts), wasCut = cut;
    parts = []; length = 0; cut = false;
    each(line, wasCut);
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let to; (to = chunk.indexOf(10, from)) >= 0; from = to + 1) {
      add(chunk.subarray(from, to));
      finish();
    }
    add(chunk.subarray(from));
    pause();
  }
  if (length) finish();
}

// UTF-8, each wrong byte as U+FFFD, which no expression can hold.
function textOf(bytes) {
  const text = bytes.toString('utf8');
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

async function runLines(stream, what) {
  let number = 0;
  try {
    if (stream === process.stdin && fs.fstatSync(0).isDirectory()) fail(`cannot read ${what} (EISDIR)`);
    await eachLine(stream, (bytes, cut) => {
      number++;
      const text = textOf(bytes);
      if (/^[ \t]*(?:#|$)/.test(text) && !(cut && !/#/.test(text))) return;
      if (cut) {
        exitCode = 1;
        complain(`line ${number}: the expression is too long`);
      } else answer(text, number);
    }, flush);
  } catch (error) {
    if (!error || !error.code) throw error;
    flush();
    fail(`cannot read ${what} (${error.code})`);
  }
  flush();
}

async function dialogue() {
  print('> ');
  flush();
  try {
    await eachLine(process.stdin, bytes => {
      const text = textOf(bytes);
      if (!/^[ \t]*(?:#|$)/.test(text)) answer(text);
      print('> ');
      flush();
    }, flush);
  } catch (error) {
    if (!error || !error.code) throw error;       // a terminal that has gone is an end of input
  }
  print('\n');
  flush();
  process.exit(0);
}

// ---------------------------------------------------------------- command line

function usage(args) {
  const expressions = [];
  let file, interactive = false, help = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '--') { expressions.push(...args.slice(i + 1)); break; }
    if (arg === '--help') help = true;
    else if (arg === '--interactive') interactive = true;
    else if (arg === '--file' || arg.startsWith('--file=')) {
      if (file !== undefined) fail(`${arg}: only one file can be read`);
      if (arg !== '--file') file = arg.slice(7);
      else if (++i < args.length) file = args[i];
      else fail('--file needs a path');
    } else if (/^--?[^-+0-9.( \t]/u.test(arg)) fail(`unknown option ${arg} (calc --help shows those there are)`);
    else expressions.push(arg);
  }
  if (!help) {
    if (interactive && file !== undefined) fail('--interactive and --file do not go together');
    if (interactive && expressions.length) fail('--interactive takes no expressions');
    if (file !== undefined && expressions.length) fail('--file takes no expressions beside it');
  }
  return { expressions, file, interactive, help };
}

async function main() {
  process.on('SIGINT', () => {
    flush();
    try { fs.writeSync(1, '\n'); } catch { /* nobody looks */ }
    process.exit(130);
  });
  process.on('SIGTERM', () => process.exit(143));
  const { expressions, file, interactive, help } = usage(process.argv.slice(2));
  if (help) print(HELP);
  else if (interactive) await dialogue();
  else if (file !== undefined) {
    let stream;
    try {
      stream = fs.createReadStream(file);
    } catch (error) {
      fail(`cannot read ${file} (${error.code})`);
    }
    await runLines(stream, file);
  } else if (expressions.length) for (const expression of expressions) answer(expression);
  else await runLines(process.stdin, 'standard input');
  flush();
  process.exit(exitCode);
}

main().catch(() => {
  complain('something went wrong inside the calculator');
  process.exit(1);
});
