//! From the LaTeX of the printer to another notation of mathematics.
//!
//! In: LaTeX within what `print` writes. Out: the same in the notation that a [`Mathematics`] builds.
//! Invariant: one pass with its open brackets on the heap; no sign is lost, what is not known is copied.

/// Builds the forms of a notation out of their parts.
pub(super) trait Mathematics {
    /// A single letter or sign, as Unicode; its LaTeX name where it has one.
    fn sign(&self, sign: &str, latex: Option<&str>) -> String;
    fn number(&self, digits: &str) -> String;
    /// The name of a function: `exp`, `tr`.
    fn function(&self, name: &str) -> String;
    /// Letters in `mathrm`, `mathit`, `mathsf`, `mathbf` or `text`.
    fn styled(&self, style: &str, letters: &str) -> String;
    fn space(&self) -> String;
    fn fraction(&self, over: &str, under: &str) -> String;
    fn root(&self, of: &str) -> String;
    fn script(&self, base: &str, sub: Option<&str>, sup: Option<&str>) -> String;
    fn fence(&self, open: &str, inside: &str, close: &str) -> String;
    fn row(&self, parts: &[String]) -> String;
}

/// Signs by their LaTeX names.
const SIGNS: &[(&str, &str)] = &[
    ("odot", "⊙"),
    ("oslash", "⊘"),
    ("otimes", "⊗"),
    ("times", "×"),
    ("cdot", "·"),
    ("langle", "⟨"),
    ("rangle", "⟩"),
    ("lVert", "‖"),
    ("rVert", "‖"),
    ("lvert", "|"),
    ("rvert", "|"),
    ("infty", "∞"),
    ("neq", "≠"),
    ("geq", "≥"),
    ("leq", "≤"),
    ("top", "⊤"),
    ("nabla", "∇"),
    ("partial", "∂"),
    ("sum", "∑"),
];

const STYLES: &[&str] = &["mathrm", "mathit", "mathsf", "mathbf", "text"];

/// A form with its scripts.
#[derive(Default)]
struct Item {
    base: String,
    sub: Option<String>,
    sup: Option<String>,
}

/// What the next form is for.
enum Pending {
    Sub,
    Sup,
    Over,
    Under(String),
    Root,
}

/// An open bracket and what stands in it so far.
#[derive(Default)]
struct Frame {
    open: Option<String>,
    items: Vec<Item>,
    pending: Vec<Pending>,
}

impl Frame {
    fn take(&mut self, form: String, math: &dyn Mathematics) {
        let form = match self.pending.pop() {
            Some(Pending::Over) => return self.pending.push(Pending::Under(form)),
            Some(script @ (Pending::Sub | Pending::Sup)) => {
                if self.items.is_empty() {
                    self.items.push(Item::default());
                }
                if let Some(item) = self.items.last_mut() {
                    let place = if matches!(script, Pending::Sub) { &mut item.sub } else { &mut item.sup };
                    *place = Some(form);
                }
                return;
            }
            Some(Pending::Under(over)) => math.fraction(&over, &form),
            Some(Pending::Root) => math.root(&form),
            None => form,
        };
        self.items.push(Item { base: form, sub: None, sup: None });
    }

    fn row(&self, math: &dyn Mathematics) -> String {
        let form = |item: &Item| match (&item.sub, &item.sup) {
            (None, None) => item.base.clone(),
            (sub, sup) => math.script(&item.base, sub.as_deref(), sup.as_deref()),
        };
        math.row(&self.items.iter().map(form).collect::<Vec<_>>())
    }
}

/// A formula in another notation.
pub(super) fn translate(latex: &str, math: &dyn Mathematics) -> String {
    let mut stack: Vec<Frame> = Vec::new();
    let mut frame = Frame::default();
    let mut rest = latex;
    while let Some(c) = rest.chars().next() {
        let (token, after) = rest.split_at(length(rest, c));
        rest = after;
        match token {
            " " => {}
            "{" => stack.push(std::mem::take(&mut frame)),
            "(" => {
                let inner = Frame { open: Some("(".into()), ..Frame::default() };
                stack.push(std::mem::replace(&mut frame, inner));
            }
            "\\left" => {
                let open = delimiter(&mut rest);
                let inner = Frame { open: Some(open), ..Frame::default() };
                stack.push(std::mem::replace(&mut frame, inner));
            }
            "}" | ")" | "\\right" => {
                let close = if token == "\\right" { delimiter(&mut rest) } else { token.to_owned() };
                let inner = std::mem::replace(&mut frame, stack.pop().unwrap_or_default());
                let row = inner.row(math);
                let form = match &inner.open {
                    Some(open) => math.fence(open, &row, &close),
                    None => row,
                };
                frame.take(form, math);
            }
            "^" => frame.pending.push(Pending::Sup),
            "_" => frame.pending.push(Pending::Sub),
            "\\frac" => frame.pending.push(Pending::Over),
            "\\sqrt" => frame.pending.push(Pending::Root),
            _ => {
                let form = leaf(token, &mut rest, math);
                frame.take(form, math);
            }
        }
    }
    while let Some(mut outer) = stack.pop() {
        outer.take(frame.row(math), math);
        frame = outer;
    }
    frame.row(math)
}

/// The length of the token that text begins with: a command, a number or one character.
fn length(text: &str, first: char) -> usize {
    let run = |text: &str, part: fn(char) -> bool| text.find(|c| !part(c)).unwrap_or(text.len());
    match first {
        '\\' => match run(&text[1..], |c| c.is_ascii_alphabetic()) {
            0 => 1 + text[1..].chars().next().map_or(0, char::len_utf8),
            n => 1 + n,
        },
        '0'..='9' => run(text, |c| c.is_ascii_digit() || c == '.'),
        c => c.len_utf8(),
    }
}

/// What follows `\left` or `\right`, as Unicode.
fn delimiter(rest: &mut &str) -> String {
    let Some(first) = rest.chars().next() else { return String::new() };
    let (token, after) = rest.split_at(length(rest, first));
    *rest = after;
    sign(token.trim_start_matches('\\')).unwrap_or(token).to_owned()
}

fn sign(name: &str) -> Option<&'static str> {
    SIGNS.iter().find(|(latex, _)| *latex == name).map(|(_, sign)| *sign)
}

/// A letter, sign, number, function or word.
fn leaf(token: &str, rest: &mut &str, math: &dyn Mathematics) -> String {
    let Some(command) = token.strip_prefix('\\') else {
        return match token.starts_with(|c: char| c.is_ascii_digit()) {
            true => math.number(token),
            false => math.sign(token, None),
        };
    };
    if command == "operatorname" {
        return math.function(&braced(rest));
    }
    if STYLES.contains(&command) {
        return math.styled(command, &braced(rest));
    }
    match sign(command).map(str::to_owned).or_else(|| greek(command)) {
        Some(unicode) => math.sign(&unicode, Some(command)),
        None if command == "," => math.space(),
        None if command.chars().all(|c| c.is_ascii_alphabetic()) => math.function(command),
        None => math.sign(command, None),
    }
}

fn greek(command: &str) -> Option<String> {
    let letter = crate::print::name(command, crate::print::Style::Unicode);
    (!letter.is_ascii()).then_some(letter)
}

/// The letters in the braces that follow, without escapes.
fn braced(rest: &mut &str) -> String {
    let Some(inside) = rest.strip_prefix('{') else { return String::new() };
    let mut letters = String::new();
    let mut chars = inside.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => letters.extend(chars.next().map(|(_, c)| c)),
            '}' => {
                *rest = &inside[i + 1..];
                return letters;
            }
            _ => letters.push(c),
        }
    }
    *rest = "";
    letters
}
