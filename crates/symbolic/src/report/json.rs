//! A derivation as JSON.

use serde_json::{Value, json};

use super::Report;
use crate::derivation::{Obstruction, Stop, WitnessValue};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::form::Form;
use crate::scheme::Kind;

impl Report<'_> {
    /// The derivation as JSON: `method`, `kind`, `variables`, `parameters`, `order`, `field`, `potential`, `residual`, and
    /// `note` where something is to be said. Formulas are plain infix text in `h`, the variables and the parameters; field and
    /// potential include all powers of h.
    ///
    /// # Errors
    /// As [`Derivation::formulas`](crate::Derivation::formulas).
    pub fn json(&self, form: Form) -> Result<Value, SymbolicError> {
        let found = self.found;
        let formulas = self.formulas(form)?;
        let strings = |exprs: &[Expr]| exprs.iter().map(Expr::to_string).collect::<Vec<_>>();
        let potential = formulas.potential.as_ref().zip(found.potential.as_ref()).map(|(expression, potential)| {
        json!({ "through_h_power": potential.through(), "expression": expression.to_string() })
    });
        let residual = match &found.obstruction {
            Some(Obstruction::NotAGradient(residual)) => Some(json!({
                "h_power": residual.h_power,
                "field": strings(&residual.field),
                "curl": residual.curl.to_string(),
                "curl_plane": [found.variables[residual.plane.0], found.variables[residual.plane.1]],
                "witness": {
                    "point": residual.witness.point.iter().map(|(name, value)| (name.clone(), Value::from(value.to_string())))
                        .collect::<serde_json::Map<_, _>>(),
                    "curl": match &residual.witness.value {
                        WitnessValue::Exact(value) => json!(value.to_string()),
                        WitnessValue::Float(value) => json!(value),
                    },
                },
            })),
            _ => None,
        };
        let mut document = json!({
            "method": self.scheme.name(),
            "kind": match self.kind { Kind::Modified => "modified", Kind::Modifying => "modifying" },
            "variables": found.variables,
            "parameters": found.parameters,
            "order": found.order(),
            "field": strings(&formulas.field),
            "potential": potential,
            "residual": residual,
        });
        if let Some(covariance) = &found.covariance {
            document["covariance"] = covariance.iter().map(|row| strings(row)).collect::<Vec<_>>().into();
        }
        let note = match &found.obstruction {
            Some(Obstruction::NoClosedForm { h_power }) => {
                format!("at h^{h_power} this objective has a local potential, but no closed form was found")
            }
            Some(Obstruction::Undecided { h_power, .. }) => {
                format!("whether a potential exists at h^{h_power} was not decided")
            }
            _ => String::new(),
        };
        let stopped = match &found.stopped {
            Some(Stop::Time) => format!("the time was up after h^{}", found.order()),
            Some(Stop::Size { terms }) => {
                format!("the power after h^{} needs formulas of over {terms} terms", found.order())
            }
            None => String::new(),
        };
        let notes: Vec<String> = [note, stopped].into_iter().filter(|note| !note.is_empty()).collect();
        if !notes.is_empty() {
            document["note"] = notes.join("; ").into();
        }
        Ok(document)
    }
}
