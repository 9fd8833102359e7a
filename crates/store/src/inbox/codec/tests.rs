//! What is packed comes back, whatever it was; what is damaged is an error, and stays small.

use super::*;

/// Bytes without any order, the same each time.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    std::iter::repeat_with(&mut next).take(bytes).collect()
}

fn bodies() -> Vec<Vec<u8>> {
    let dictionary = STRIPE_1.bytes();
    // Every length of a literal and of a match around the places where it takes another byte to say it.
    let mut all: Vec<Vec<u8>> = (0..800).map(|bytes| vec![b'a'; bytes]).collect();
    all.extend((0..800).map(noise));
    all.extend((0..70).map(|bytes| dictionary[5000..5000 + bytes].to_vec()));
    all.extend([4096, 100_000].map(noise));
    all.extend([66_000, 3_000_000].map(|bytes| vec![0; bytes]));
    all.push(dictionary.to_vec());
    // Repetitions nearer and farther than an offset can say, with the dictionary near and out of reach.
    all.push([noise(65_530), noise(65_530), noise(7), noise(65_530)].concat());
    all.push([dictionary, &noise(40_000), dictionary].concat());
    all.push("[".repeat(300_000).into_bytes());
    all.push([&[0xff, 0xfe, 0, 0xc3], dictionary, &[0xed, 0xa0, 0x80]].concat());
    for piece in [300, 5000, 9000] {
        let lines = dictionary.chunks(piece).flat_map(|piece| [piece, &noise(9)].concat());
        all.push(lines.collect());
    }
    all
}

#[test]
fn every_body_comes_back_to_the_byte() {
    for body in bodies() {
        let Packed { codec, bytes } = pack(&body);
        assert!(bytes.len() <= body.len());
        assert_eq!(unpack(codec, &bytes), Ok(body.clone()), "codec {codec}, {} bytes", body.len());
        // Also what would have been kept as received because it grew.
        let mut block = Vec::new();
        lz::compress(&STRIPE_1, &body, &mut block).expect("it is short enough");
        let back = lz4_flex::block::decompress_with_dict(&block, body.len(), STRIPE_1.bytes());
        assert_eq!(back.expect("a block"), body);
    }
}

#[test]
fn what_does_not_become_smaller_is_kept_as_received() {
    for body in [Vec::new(), b"{}".to_vec(), noise(10_000)] {
        assert_eq!(pack(&body), Packed { codec: AS_RECEIVED, bytes: body });
    }
    let event = &STRIPE_1.bytes()[1000..9000];
    let Packed { codec, bytes } = pack(event);
    assert!(codec == LZ4_STRIPE_1 && bytes.len() < 100, "{} bytes", bytes.len());
}

#[test]
fn a_way_that_is_not_known_says_what_to_do() {
    let error = unpack(7, b"anything").expect_err("not known");
    assert_eq!(
        error.to_string(),
        "unreadable row: a body is stored in a way (codec 7) that this program does not know: use the newer program"
    );
}

#[test]
fn a_damaged_body_is_an_error_or_another_body_but_never_more_than_its_row_allows() {
    let packed = pack(&bodies().concat()[..20_000]);
    assert_eq!(packed.codec, LZ4_STRIPE_1);
    let claims = |length: u32| [&length.to_le_bytes(), &packed.bytes[LENGTH_BYTES..]].concat();
    for bytes in [vec![], vec![0; 3], vec![9, 0, 0, 0], claims(19_999), claims(20_001), claims(u32::MAX)] {
        assert!(matches!(unpack(LZ4_STRIPE_1, &bytes), Err(StoreError::Unreadable(_))));
    }
    for cut in 0..packed.bytes.len() {
        assert!(unpack(LZ4_STRIPE_1, &packed.bytes[..cut]).is_err(), "cut at {cut}");
    }
    for (index, noise) in noise(packed.bytes.len()).into_iter().enumerate() {
        let mut bytes = packed.bytes.clone();
        bytes[index] ^= noise | 1;
        if let Ok(body) = unpack(LZ4_STRIPE_1, &bytes) {
            assert!(body.len() <= EXPANSION_MAX * bytes.len());
        }
    }
}
