//! A bar chart as SVG, drawn on the server in whole numbers. It knows bars and labels, not what they mean.

/// One bar: its name under the axis, its value, and how a person reads the value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bar {
    pub label: String,
    pub value: i128,
    pub shown: String,
}

/// A chart ready for the template, in a box of 1080 x 200 units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chart {
    pub title: String,
    pub bars: Vec<Drawn>,
    /// The zero line.
    pub axis_y: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    pub label: String,
    pub shown: String,
    pub negative: bool,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    pub middle: i64,
    /// Where the value is written: above a bar, below a negative one.
    pub value_y: i64,
}

pub const WIDTH: i64 = 1080;
const TOP: i64 = 18;
const ROOM: i64 = 150;

#[must_use]
pub fn chart(title: String, bars: &[Bar]) -> Chart {
    let highest = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(0);
    let lowest = bars.iter().map(|bar| bar.value).min().unwrap_or(0).min(0);
    let range = highest.saturating_sub(lowest).max(1);
    // Never more than the room: the quotient is at most 1.
    let scaled = |value: i128| (value.saturating_mul(i128::from(ROOM)) / range) as i64;
    let axis_y = TOP + scaled(highest);
    let slot = WIDTH / i64::try_from(bars.len().max(1)).unwrap_or(1);
    let drawn = bars.iter().zip(0i64..).map(|(bar, index)| {
        let height = scaled(bar.value).abs().max(i64::from(bar.value != 0));
        let negative = bar.value < 0;
        let y = if negative { axis_y } else { axis_y - height };
        Drawn {
            label: bar.label.clone(),
            shown: bar.shown.clone(),
            negative,
            x: index * slot + slot / 6,
            y,
            width: slot * 2 / 3,
            height,
            middle: index * slot + slot / 2,
            value_y: if negative { y + height + 12 } else { y - 5 },
        }
    });
    Chart { title, bars: drawn.collect(), axis_y }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_keep_to_their_box_whatever_the_values() {
        let bar = |value| Bar { label: "m".into(), value, shown: value.to_string() };
        for values in [
            vec![],
            vec![0, 0],
            vec![1, 2, 3],
            vec![-5, 5],
            vec![i64::MAX.into(), i64::MIN.into(), 0_i128],
            vec![-1],
        ] {
            let bars: Vec<Bar> = values.iter().copied().map(bar).collect();
            let chart = chart("t".into(), &bars);
            assert_eq!(chart.bars.len(), values.len());
            for drawn in &chart.bars {
                assert!(
                    drawn.y >= TOP - 1 && drawn.y + drawn.height <= TOP + ROOM + 1,
                    "{values:?}: {drawn:?}"
                );
                assert!(drawn.x >= 0 && drawn.x + drawn.width <= WIDTH);
            }
        }
        let up = chart("t".into(), &[bar(10), bar(5)]);
        assert_eq!((up.bars[0].height, up.bars[1].height), (ROOM, ROOM / 2));
    }
}
