import { readTemplates } from '../../../lib/local/cloud/template/template.ts';

const WHERE = { region: 'eu-west-1', account: '111122223333' };
const QUEUE = { Type: 'AWS::SQS::Queue' };

function read(template: object) {
  return readTemplates([{ stackName: 'S', template }], WHERE);
}

/** What a property of a queue resolves to, beside a table, a role and a condition. */
function resolved(value: unknown, more: object = {}): unknown {
  const { resources } = read({
    Parameters: { Size: { Type: 'Number', Default: 7 } },
    Conditions: {
      Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
      There: { 'Fn::Not': [{ Condition: 'Here' }] },
    },
    Resources: {
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'usage' } },
      Role: { Type: 'AWS::IAM::Role' },
      Fifo: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      Q: { ...QUEUE, Properties: { Value: value } },
      ...more,
    },
  });
  return resources.find(({ logicalId }) => logicalId === 'Q')?.properties.Value;
}

describe('intrinsics resolve', () => {
  test.each([
    ['Ref to a table is its name', { Ref: 'Table' }, 'usage'],
    ['Ref to a queue is its URL', { Ref: 'Fifo' }, 'https://sqs.eu-west-1.amazonaws.com/111122223333/S-Fifo.fifo'],
    ['Ref to a parameter is its default', { Ref: 'Size' }, 7],
    ['Ref to a pseudo parameter', { Ref: 'AWS::Partition' }, 'aws'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:eu-west-1:111122223333:table/usage'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Role.Arn' }, 'arn:aws:iam::111122223333:role/S-Role'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Table' }]] }, 'a-usage'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [
      'Sub with names, attributes and variables',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is Fn::Sub's own syntax
      { 'Fn::Sub': ['${Table}/${Table.Arn}/${x}/${!y}', { x: { Ref: 'Table' } }] },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a literal, as Fn::Sub leaves it
      'usage/arn:aws:dynamodb:eu-west-1:111122223333:table/usage/usage/${y}',
    ],
    ['If takes the branch that holds', { 'Fn::If': ['Here', 'yes', 'no'] }, 'yes'],
    ['If on a negated condition', { 'Fn::If': ['There', 'yes', 'no'] }, 'no'],
    ['And, Or', { 'Fn::And': [{ Condition: 'Here' }, { 'Fn::Or': [{ Condition: 'There' }, true] }] }, true],
    ['NoValue leaves the property out', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    [
      'a policy condition is not an intrinsic',
      { Condition: { StringEquals: { a: 'b' } } },
      { Condition: { StringEquals: { a: 'b' } } },
    ],
  ])('%s', (_, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  test('an import takes what another stack exports', () => {
    const { resources, outputs } = readTemplates(
      [
        {
          stackName: 'A',
          template: { Resources: { Q: { ...QUEUE, Properties: { QueueName: { 'Fn::ImportValue': 'name' } } } } },
        },
        {
          stackName: 'B',
          template: { Resources: {}, Outputs: { Name: { Value: 'shared', Export: { Name: 'name' } } } },
        },
      ],
      WHERE,
    );
    expect(resources[0]?.attribute('QueueName')).toBe('shared');
    expect(outputs).toEqual({ 'B.Name': 'shared' });
  });
});

describe('what is not known is refused by name', () => {
  test.each([
    ['a resource type', { Resources: { Db: { Type: 'AWS::RDS::DBInstance' } } }, /Db is a AWS::RDS::DBInstance/],
    ['an intrinsic', { Resources: { Q: { ...QUEUE, Properties: { QueueName: { 'Fn::Cidr': [] } } } } }, /Fn::Cidr/],
    [
      'an attribute',
      { Resources: { Q: QUEUE, R: { ...QUEUE, Properties: { QueueName: { 'Fn::GetAtt': ['Q', 'Nope'] } } } } },
      /Q\.Nope of a AWS::SQS::Queue/,
    ],
    [
      'a reference to nothing',
      { Resources: { Q: { ...QUEUE, Properties: { QueueName: { Ref: 'Ghost' } } } } },
      /Ghost/,
    ],
    [
      'a parameter without a default',
      {
        Parameters: { P: { Type: 'String' } },
        Resources: { Q: { ...QUEUE, Properties: { QueueName: { Ref: 'P' } } } },
      },
      /parameter P has no default/,
    ],
    [
      'a dynamic reference',
      { Resources: { Q: { ...QUEUE, Properties: { QueueName: '{{resolve:ssm:/x}}' } } } },
      /dynamic reference/,
    ],
    ['a transform', { Transform: 'AWS::Serverless-2016-10-31', Resources: {} }, /Transform/],
    ['a cycle', { Resources: { A: { ...QUEUE, Properties: { QueueName: { Ref: 'A' } } } } }, /A refers to itself/],
  ])('%s', (_, template, message) => {
    expect(() => read(template)).toThrow(message);
  });
});

test('inert types are not read, but can be named by others', () => {
  const found = resolved(
    { 'Fn::GetAtt': ['Role', 'Arn'] },
    {
      Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Anything: { 'Fn::Cidr': ['ignored'] } } } },
    },
  );
  expect(found).toBe('arn:aws:iam::111122223333:role/S-Role');
});

test('a resource whose condition does not hold is not there', () => {
  const { resources } = read({
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    Resources: { Q: { ...QUEUE, Condition: 'Never' } },
  });
  expect(resources).toEqual([]);
});
