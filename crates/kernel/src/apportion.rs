//! The two pieces of arithmetic all money rules are made of: a floored product over a quotient, and
//! the largest-remainder split. Checked, in 128 bits; it does not know what the numbers mean.

use thiserror::Error;

/// A result does not fit in 64 bits. Amounts from Stripe never come near it; hostile ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an amount is too large to calculate with")]
pub struct ArithmeticOverflow;

/// `floor(a * b / divisor)`, towards minus infinity. `divisor` must be positive.
pub fn mul_div_floor(a: i64, b: i64, divisor: i64) -> Result<i64, ArithmeticOverflow> {
    if divisor <= 0 {
        return Err(ArithmeticOverflow);
    }
    let product = i128::from(a) * i128::from(b);
    i64::try_from(product.div_euclid(i128::from(divisor))).map_err(|_| ArithmeticOverflow)
}

/// Splits `total` (>= 0) in proportion to `weights` (each >= 0) so that the parts sum to `total`
/// exactly: floors first, then one unit each to the largest remainders, ties to the earlier weight.
/// The caller sorts the weights by its tie-break key. All weights zero: everything to the first.
pub fn apportion(total: i64, weights: &[i64]) -> Result<Vec<i64>, ArithmeticOverflow> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if total < 0 || weights.iter().any(|weight| *weight < 0) {
        return Err(ArithmeticOverflow);
    }
    if weights.is_empty() {
        return Ok(Vec::new());
    }
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        parts[0] = total;
        return Ok(parts);
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given: i128 = 0;
    for (index, weight) in weights.iter().enumerate() {
        let product = i128::from(total) * i128::from(*weight);
        let floor = product / sum;
        given += floor;
        parts.push(i64::try_from(floor).map_err(|_| ArithmeticOverflow)?);
        remainders.push((product % sum, index));
    }
    remainders.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    let missing = usize::try_from(i128::from(total) - given).map_err(|_| ArithmeticOverflow)?;
    for (_, index) in remainders.into_iter().take(missing) {
        parts[index] += 1;
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_go_towards_minus_infinity() {
        assert_eq!(mul_div_floor(-1, 1, 2), Ok(-1));
        assert_eq!(mul_div_floor(2900, 2900, 10_000), Ok(841));
        assert_eq!(mul_div_floor(i64::MAX, i64::MAX, 1), Err(ArithmeticOverflow));
        assert_eq!(mul_div_floor(1, 1, 0), Err(ArithmeticOverflow));
    }

    #[test]
    fn parts_sum_to_the_total_and_ties_go_to_the_earlier() {
        for (total, weights, parts) in [
            (100, vec![1, 1, 1], vec![34, 33, 33]),
            (6000, vec![10_000, 5000], vec![4000, 2000]),
            (1, vec![0, 0], vec![1, 0]),
            (0, vec![3, 4], vec![0, 0]),
            (5, vec![], vec![]),
        ] {
            assert_eq!(apportion(total, &weights), Ok(parts));
        }
    }
}
