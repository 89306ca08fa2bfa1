//! What stands before the functions of a module.
//!
//! In: the code of the functions. Out: imports, helpers and types, each where the code needs it.
//! Invariant: nothing is written that is not called, and what a helper calls stands before it.

use super::Module;

impl Module<'_> {
    /// Imports, helpers and types before the functions.
    pub(super) fn frame(&self, body: &str) -> String {
        let mut code = self.code.clone();
        let calls = |code: &str, name: &str| {
            ["(", ".(", ",", ")"].iter().any(|call| mentions(code, &format!("{name}{call}")))
        };
        let mut called: Vec<(&str, &str)> = Vec::new();
        loop {
            let wanted =
                |(name, _): &(&String, &String)| called.iter().all(|(n, _)| n != name) && calls(&code, name);
            let Some((name, text)) = self.target.helpers.iter().find(wanted) else { break };
            called.push((name, text.trim()));
            code.push_str(text);
        }
        // What a helper calls stands before it.
        let mut helpers = String::new();
        while !called.is_empty() {
            let ready = |(name, text): &(&str, &str)| {
                called.iter().all(|(other, _)| other == name || !calls(text, other))
            };
            let (_, text) = called.remove(called.iter().position(ready).unwrap_or(0));
            helpers.push_str(&format!("{}{text}\n", self.apart()));
        }
        for record in self.records.values() {
            helpers.push_str(&format!("{}{record}\n", self.apart()));
        }
        let mut imports: Vec<&str> = Vec::new();
        for import in self.target.import.iter().filter(|i| mentions(&code, &i.token)) {
            if !imports.contains(&import.line.as_str()) {
                imports.push(&import.line);
            }
        }
        let imports = imports.join("\n");
        format!("{}\n{helpers}{body}", imports.trim_end()).trim_start().to_owned()
    }

    /// What stands between two definitions.
    pub(super) fn apart(&self) -> &'static str {
        if self.declares() { "\n" } else { "\n\n" }
    }
}

/// Whether code holds a name as a whole word.
pub(in crate::emit) fn has_word(code: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name)
        .any(|(i, _)| !code[..i].ends_with(part) && !code[i + name.len()..].starts_with(part))
}

/// Whether code holds a token that does not go on to the left: `np.` is not in `jnp.`.
pub(super) fn mentions(code: &str, token: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    code.match_indices(token).any(|(i, _)| !code[..i].ends_with(part))
}
