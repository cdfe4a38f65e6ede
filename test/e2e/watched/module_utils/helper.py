word = 'helped v1'
